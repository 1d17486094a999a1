/** All agents' worktrees at a glance. */
import { repositoryRoot } from '../agencies/repository.ts'
import { isRepositoryGone } from '../agencies/worktrees.ts'
import { eachBounded } from '../kernel/bounded.ts'
import type { WorktreeStatus } from '../model/worktree.ts'
import { lookInto, mainRef, shortName } from './look.ts'
import type { WorktreeParts } from './parts.ts'

export interface AgencyWorktrees {
  readonly agency: string
  /** Undefined when its agents work in plain folders. */
  readonly repository: string | undefined
  readonly isRepositoryGone: boolean
  readonly main: string | undefined
  readonly worktrees: readonly WorktreeStatus[]
}

/** Worktrees looked into at once: each takes three short processes. */
const AT_ONCE = 4

/** Of one agency, or of all. AgencyError('NOT_FOUND') when there is no such agency. */
export async function overview(parts: WorktreeParts, only?: string): Promise<readonly AgencyWorktrees[]> {
  const { roster, git } = parts
  const names = only === undefined ? [...roster.agencies.keys()] : [roster.agency(only).record.name]
  const agencies = await Promise.all(
    names.map(async agency => {
      const definition = roster.definitions.get(agency)
      const repository = definition && repositoryRoot(parts, definition)
      const isGone = isRepositoryGone(repository)
      // Agents without a branch work in plain folders, whatever repository the settings name by now.
      const agents = roster.agentsOf(agency)
      const hasBranches = agents.some(agent => agent.branch !== undefined)
      const main = repository && hasBranches && !isGone ? await mainRef(git, repository) : undefined
      return { agency, agents, repository: hasBranches ? repository : undefined, isGone, main }
    }),
  )
  const places = agencies.flatMap(({ agents, repository, main }) => agents.map(agent => ({ agent, repository, main })))
  const looked = await eachBounded(places, AT_ONCE, place => lookInto(git, place))
  return agencies.map(({ agency, repository, isGone, main, agents }) => ({
    agency,
    repository,
    isRepositoryGone: isGone && repository !== undefined,
    main: main && shortName(main),
    worktrees: agents.map(({ address }) => looked.find(({ agent }) => agent === address)!),
  }))
}
