/** agency git clean: takes away worktrees and branches whose agent is gone, and nothing that holds work. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { worktreeOf } from '../agencies/branchTaken.ts'
import { hasBranch } from '../agencies/git.ts'
import { repositoryRoot } from '../agencies/repository.ts'
import { unsavedWork } from '../agencies/unsaved.ts'
import { branchOf, isRepositoryGone, removeWorkplace, workplaceFolder } from '../agencies/worktrees.ts'
import { address } from '../model/names.ts'
import { clonedAt } from '../walls/places.ts'
import { lookInto, shortName } from './look.ts'
import type { WorktreeParts } from './parts.ts'

export interface Cleaned {
  /** What was removed, or would be. */
  readonly removed: readonly Leftover[]
  readonly left: readonly (Leftover & { readonly why: string })[]
  readonly isDryRun: boolean
}

/** What an agent that is gone has left. */
interface Leftover {
  readonly agent: string
  readonly folder?: string
  readonly branch?: string
}

interface Found extends Leftover {
  readonly repository: string | undefined
}

export async function clean(parts: WorktreeParts, { isDryRun }: { isDryRun: boolean }): Promise<Cleaned> {
  const removed: Leftover[] = []
  const left: (Leftover & { why: string })[] = []
  for (const { repository, ...leftover } of await leftovers(parts)) {
    const why = await whyKept(parts, { ...leftover, repository })
    if (why.length > 0) left.push({ ...leftover, why: why.join('; ') })
    else if (isDryRun) removed.push(leftover)
    else {
      const stays = await remove(parts, { ...leftover, repository })
      if (stays === undefined) removed.push(leftover)
      else left.push({ ...leftover, why: stays })
    }
  }
  return { removed, left, isDryRun }
}

/** Folders below sandbox/worktrees and branches agency/… that belong to no agent that is there. */
async function leftovers(parts: WorktreeParts): Promise<readonly Found[]> {
  const { workspace, git } = parts
  const found = new Map<string, Found>()
  for (const agency of await folders(workspace.worktrees))
    for (const name of await folders(join(workspace.worktrees, agency))) {
      const agent = address(agency, name)
      if (isThere(parts, agent)) continue
      const folder = workplaceFolder(workspace, agency, name)
      const repository = await repositoryOf(parts, folder)
      const head = repository ? await git.try(folder, ['symbolic-ref', '--quiet', 'HEAD']) : undefined
      found.set(agent, { agent, folder, repository, ...(head?.ok ? { branch: shortName(head.output) } : {}) })
    }
  for (const repository of await repositories(parts, [...found.values()]))
    for (const branch of await agentBranches(parts, repository)) {
      const agent = branch.slice('agency/'.length)
      if (!isThere(parts, agent) && !found.has(agent)) found.set(agent, { agent, branch, repository })
    }
  return [...found.values()].sort((a, b) => a.agent.localeCompare(b.agent))
}

/** Of an agency whose files cannot be read nobody knows who belongs to it. */
function isThere({ roster }: WorktreeParts, agent: string): boolean {
  const agency = agent.slice(0, agent.indexOf('/'))
  return roster.agents.has(agent) || (roster.problems.has(agency) && !roster.agencies.has(agency))
}

async function folders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
}

/** The repository that a worktree belongs to: the first in git's list is the main one. */
async function repositoryOf({ git, workspace }: WorktreeParts, folder: string): Promise<string | undefined> {
  const clone = clonedAt(workspace, folder)
  if (clone) return clone.repository
  if (!existsSync(join(folder, '.git'))) return undefined
  const listed = await git.try(folder, ['worktree', 'list', '--porcelain'])
  return listed.ok ? /^worktree (.+)$/m.exec(listed.output)?.[1] : undefined
}

async function repositories(parts: WorktreeParts, found: readonly Found[]): Promise<ReadonlySet<string>> {
  const { roster, workspace, settings } = parts
  const named = [...roster.definitions.values()].map(definition => repositoryRoot(parts, definition))
  const own = settings.repo === undefined ? undefined : resolve(workspace.root, settings.repo)
  const all = [...named, own, ...found.map(({ repository }) => repository)]
  return new Set(all.flatMap(path => (path === undefined || isRepositoryGone(path) ? [] : [path])))
}

async function agentBranches({ git }: WorktreeParts, repository: string): Promise<readonly string[]> {
  const listed = await git.try(repository, ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads/agency/*/*'])
  return listed.ok ? listed.output.split('\n').filter(branch => /^agency\/[^/]+\/[^/]+$/.test(branch)) : []
}

/** Why it stays, in words; empty when nothing is lost with it. */
async function whyKept(parts: WorktreeParts, { agent, folder, branch, repository }: Found): Promise<readonly string[]> {
  const { git } = parts
  const [agency, name] = agent.split('/') as [string, string]
  if (folder === undefined) {
    const elsewhere = await worktreeOf(git, repository!, branch!)
    if (elsewhere !== undefined && existsSync(elsewhere)) return [`it is checked out in ${elsewhere}`]
    return unsavedWork(git, repository, { folder: workplaceFolder(parts.workspace, agency, name), branch })
  }
  if (repository === undefined) return unsavedWork(git, undefined, { folder, branch: undefined })
  const own = branchOf(agency, name)
  const status = await lookInto(git, {
    agent: { address: agent, workdir: folder, branch: own },
    repository,
    main: undefined,
  })
  const why = [...(await unsavedWork(git, repository, { folder, branch: own }))]
  if (status.underWay) why.push(`a ${status.underWay} is under way in it`)
  if (status.elsewhere && 'branch' in status.elsewhere) why.push(`it is on the branch ${status.elsewhere.branch}`)
  if (status.elsewhere && 'detachedAt' in status.elsewhere)
    why.push(`its HEAD is detached at ${status.elsewhere.detachedAt}`)
  return why
}

/** Undefined when it is gone, else why git kept it. */
async function remove(parts: WorktreeParts, { folder, branch, repository }: Found): Promise<string | undefined> {
  const { git } = parts
  if (folder !== undefined) {
    await removeWorkplace(parts, repository, { folder, branch })
    if (existsSync(folder)) return 'git does not remove it: see git worktree list'
  } else {
    // A folder that was deleted by hand still holds its branch until git has forgotten it.
    await git.try(repository!, ['worktree', 'prune'])
    await git.try(repository!, ['branch', '-d', branch!])
  }
  if (branch === undefined || repository === undefined) return undefined
  return (await hasBranch(git, repository, branch))
    ? `its commits are in another branch, but not in what is checked out in ${repository}: git branch -D ${branch}`
    : undefined
}
