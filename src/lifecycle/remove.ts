/** agency remove: stops an agency and forgets it. What is uncommitted or unmerged is never deleted. */
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { withDefinitionsLocked } from '../agencies/definitions.ts'
import type { Git } from '../agencies/git.ts'
import { repositoryRoot } from '../agencies/repository.ts'
import { unsavedWork } from '../agencies/unsaved.ts'
import { isRepositoryGone, removeWorkplace, setWorkplaceAside } from '../agencies/worktrees.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { AgentRecord } from '../model/agent.ts'
import type { LifecycleParts, Progress } from './parts.ts'

export interface Removed {
  readonly name: string
  /** Where its files are now. */
  readonly kept: string
  /** The repository that was gone already: no branch could be looked at, and the worktrees lie in `kept` as they were. */
  readonly lostRepository?: string
}

export async function removeAgency(parts: LifecycleParts, name: string, progress: Progress): Promise<Removed> {
  const { roster, starter, tokens, clock, workspace, git } = parts
  const { definition } = roster.agency(name)
  const agents = roster.agentsOf(name)
  const repository = repositoryRoot(parts, definition)
  const isGone = isRepositoryGone(repository)
  if (!isGone) await refuseToLoseWork(git, repository, name, agents)
  progress(`stopping ${name}`)
  await starter.stopAgency(name)
  // Until it had stopped, an agent could still write.
  if (!isGone) await refuseToLoseWork(git, repository, name, agents)
  for (const agent of agents) {
    if (isGone) await setWorkplaceAside(workplaceOf(agent), join(workspace.agencies, name, 'worktrees', agent.name))
    else await removeWorkplace(parts, repository, workplaceOf(agent))
    await tokens.drop(agent.address)
  }
  await roster.removeAgency(name, clock.now(), `the agency ${name} was removed`)
  for (const agent of agents) await starter.forget(agent.address)
  return { name, kept: await setAside(parts, name), ...(isGone ? { lostRepository: repository } : {}) }
}

async function refuseToLoseWork(
  git: Git,
  repository: string | undefined,
  name: string,
  agents: readonly AgentRecord[],
): Promise<void> {
  const wouldLose = (await Promise.all(agents.map(agent => unsavedWork(git, repository, workplaceOf(agent))))).flat()
  if (wouldLose.length === 0) return
  throw new AgencyError('UNSAVED_WORK', `${name} holds work that would be lost:\n  ${wouldLose.join('\n  ')}`, {
    hint: `commit and merge it (git merge agency/${name}/<agent>), or discard it yourself; then: agency remove ${name}`,
  })
}

/** The person's files are theirs: moved, not deleted. */
async function setAside({ workspace, clock }: LifecycleParts, name: string): Promise<string> {
  const kept = join(workspace.registry, 'removed', `${name}-${clock.now()}`)
  await withDefinitionsLocked(workspace, async () => {
    await mkdir(join(workspace.registry, 'removed'), { recursive: true, mode: 0o700 })
    await rename(join(workspace.agencies, name), kept).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  })
  return kept
}

function workplaceOf(agent: AgentRecord) {
  return { folder: agent.workdir, branch: agent.branch }
}
