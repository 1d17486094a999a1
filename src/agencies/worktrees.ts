/** Each agent's own git worktree and branch, or clone where it is isolated. Nothing that is uncommitted or unmerged is ever removed. */
import { existsSync, realpathSync } from 'node:fs'
import { mkdir, readdir, realpath, rename, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { clonedAt } from '../walls/places.ts'
import { refuseTakenBranch } from './branchTaken.ts'
import { makeClone, removeClone } from './clones.ts'
import { type Git, hasBranch } from './git.ts'
import { installHooks } from './gitHooks.ts'
import { makeFolder } from './modes.ts'
import { hasSubmodules } from './submodules.ts'

export interface Workplace {
  readonly folder: string
  /** Undefined in an agency without a repository: a plain folder. */
  readonly branch: string | undefined
}

export interface WorkplaceParts {
  readonly workspace: Workspace
  readonly git: Git
  readonly log: Log
  /** File mode mask of the person. */
  readonly umask: number
}

export function branchOf(agency: string, agent: string): string {
  return `agency/${agency}/${agent}`
}

export function workplaceFolder(workspace: Workspace, agency: string, agent: string): string {
  return join(workspace.worktrees, agency, agent)
}

/** The working tree around a folder, or undefined outside of git. AgencyError('GIT') when it is a repository that agents cannot work in. */
export async function findRepository(
  git: Git,
  folder: string,
  options: { isNamed: boolean },
): Promise<string | undefined> {
  if (!options.isNamed && !hasGitAround(folder)) return undefined
  const inside = await git.try(folder, ['rev-parse', '--is-bare-repository', '--is-inside-work-tree'])
  if (!inside.ok) {
    if (!options.isNamed) return undefined
    throw new AgencyError('GIT', `${folder} is not a git repository`, {
      hint: `git init ${folder}, and make a first commit`,
    })
  }
  const [isBare] = inside.output.split('\n')
  if (isBare === 'true')
    throw new AgencyError('GIT', `${folder} is a bare repository: agents need one with a working tree`, {
      hint: `git clone ${folder} work   and name that clone`,
    })
  const root = (await git.run(folder, ['rev-parse', '--show-toplevel'])).trim()
  if (!(await git.try(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])).ok)
    throw new AgencyError('GIT', `the repository ${root} has no commit yet, so there is nothing to branch from`, {
      hint: `git -C ${root} add -A && git -C ${root} commit -m "Begin"`,
    })
  return root
}

/** False when git would find nothing, which it takes a process and 10 ms to say. */
function hasGitAround(from: string): boolean {
  if (!existsSync(from)) return true
  for (let folder = realpathSync(from); ; folder = dirname(folder)) {
    // A bare repository has no .git, and these two.
    const isBare = existsSync(join(folder, 'HEAD')) && existsSync(join(folder, 'objects'))
    if (isBare || existsSync(join(folder, '.git'))) return true
    if (dirname(folder) === folder) return false
  }
}

/** Whether there was a repository, and none is there any more: its folder was deleted or moved. */
export function isRepositoryGone(repository: string | undefined): repository is string {
  return repository !== undefined && !existsSync(join(repository, '.git'))
}

/** How many changes of the working tree are not committed: worktrees begin at HEAD, so agents will not see them. */
export async function countUncommitted(git: Git, repository: string): Promise<number> {
  const status = await git.try(repository, ['status', '--porcelain', '--untracked-files=no'])
  return status.ok ? status.output.split('\n').filter(Boolean).length : 0
}

/** Makes the agent's workplace, or takes the one that is there. Returns an undo for what was made here. `isKnown`: its branch is the agent's from before. */
export async function ensureWorkplace(
  parts: WorkplaceParts,
  repository: string | undefined,
  agent: { agency: string; name: string; isKnown?: boolean; isIsolated?: boolean },
): Promise<{ workplace: Workplace; undo: () => Promise<void>; isNew: boolean }> {
  const { workspace, git, umask } = parts
  const folder = workplaceFolder(workspace, agent.agency, agent.name)
  if (!repository) {
    await makeFolder(folder, umask)
    return { workplace: { folder, branch: undefined }, undo: () => removeFolder(folder), isNew: false }
  }
  const branch = branchOf(agent.agency, agent.name)
  const clone = clonedAt(workspace, folder)
  if (clone && existsSync(join(folder, '.git')))
    return { workplace: { folder, branch }, undo: async () => undefined, isNew: false }
  if (await isWorktreeOf(git, repository, folder)) {
    await installHooks(parts, folder)
    return { workplace: { folder, branch }, undo: async () => undefined, isNew: false }
  }
  await makeFolder(dirname(folder), umask)
  await git.run(repository, ['worktree', 'prune'])
  await refuseTakenBranch(git, { repository, folder, branch, isOurs: agent.isKnown ?? false })
  if (agent.isIsolated) {
    const undoClone = await makeClone(parts, { repository, folder, branch })
    const undo = async () => {
      await undoClone()
      await dropEmptyParent(folder)
    }
    return { workplace: { folder, branch }, undo, isNew: true }
  }
  const isNew = !(await hasBranch(git, repository, branch))
  const undo = async () => {
    await git.try(repository, ['worktree', 'remove', '--force', folder])
    if (isNew) await git.try(repository, ['branch', '-D', branch])
    await dropEmptyParent(folder)
  }
  try {
    await git.run(repository, [
      'worktree',
      'add',
      '--quiet',
      ...(isNew ? ['-b', branch, folder, 'HEAD'] : [folder, branch]),
    ])
  } catch (error) {
    // git makes the branch before it finds that the files cannot be written.
    await undo()
    throw error
  }
  await installHooks(parts, folder)
  return { workplace: { folder, branch }, undo, isNew: true }
}

/** The folder that holds an agency's worktrees goes with the last of them. */
async function dropEmptyParent(folder: string): Promise<void> {
  await rmdir(dirname(folder)).catch(() => undefined)
}

async function isWorktreeOf(git: Git, repository: string, folder: string): Promise<boolean> {
  const path = await realpath(folder).catch(() => undefined)
  if (!path) return false
  const listed = await git.run(repository, ['worktree', 'list', '--porcelain'])
  return listed.split('\n').includes(`worktree ${path}`)
}

/** Removes a workplace that `unsavedWork` found empty of anything to lose. */
export async function removeWorkplace(
  { git, workspace }: { readonly git: Git; readonly workspace: Workspace },
  repository: string | undefined,
  workplace: Workplace,
  { keepsBranch } = { keepsBranch: false },
): Promise<void> {
  if (clonedAt(workspace, workplace.folder)) {
    await removeClone(workspace, workplace.folder)
    if (repository && workplace.branch && !keepsBranch) await git.try(repository, ['branch', '-d', workplace.branch])
    return dropEmptyParent(workplace.folder)
  }
  if (!repository || !workplace.branch) {
    await removeFolder(workplace.folder)
    return
  }
  // git removes none with submodules unless it is forced: what is in them was looked at.
  const force = hasSubmodules(workplace.folder) ? ['--force'] : []
  const removed = await git.try(repository, ['worktree', 'remove', ...force, workplace.folder])
  if (!removed.ok) await git.try(repository, ['worktree', 'prune'])
  // -d refuses what is unmerged, a second time, by git itself; HEAD of the repository may stand elsewhere, so a merged one may stay.
  if (!keepsBranch) await git.try(repository, ['branch', '-d', workplace.branch])
  await removeFolder(workplace.folder)
}

/** Moves a workplace as it is, when there is nothing left that could tell what in it is worth keeping; an empty one goes. */
export async function setWorkplaceAside({ folder }: Workplace, target: string): Promise<void> {
  const hasFiles = (await readdir(folder).catch(() => [])).length > 0
  if (hasFiles) {
    await mkdir(dirname(target), { recursive: true })
    await rename(folder, target)
  }
  await removeFolder(folder)
}

/** Only when it is empty. */
async function removeFolder(folder: string): Promise<void> {
  await rmdir(folder).catch(() => undefined)
  await dropEmptyParent(folder)
}
