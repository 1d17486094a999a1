/** What an agent's worktree holds beyond its repository's main line: looked at, and never changed. */
import { existsSync } from 'node:fs'
import type { Git } from '../agencies/git.ts'

export interface WorktreeLook {
  /** The tip of its branch. */
  readonly commit: string
  /** What is checked out; another agent's commit, where one looks at that. */
  readonly head: string
  /** Commits of the branch that no other branch but those of agents holds. */
  readonly ahead: number
  /** Files that those commits change. */
  readonly files: readonly string[]
  /** Paths with changes that are not committed, untracked ones as well. */
  readonly uncommitted: readonly string[]
}

const MAX_FILES = 500

/** Undefined when the folder is no worktree, or git cannot read it. */
export async function lookAtWorktree(git: Git, folder: string, branch: string): Promise<WorktreeLook | undefined> {
  if (!existsSync(folder)) return undefined
  const [head, tip] = await Promise.all(
    ['HEAD', `refs/heads/${branch}`].map(name =>
      git.try(folder, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]),
    ),
  )
  if (!head?.ok || !tip?.ok) return undefined
  const commit = tip.output.trim()
  const others = ['--not', '--exclude=agency/*', '--branches', '--remotes', '--tags']
  const [ahead, status] = await Promise.all([
    git.try(folder, ['rev-list', commit, ...others]),
    git.try(folder, ['status', '--porcelain', '-z']),
  ])
  const own = ahead.ok ? ahead.output.split('\n').filter(Boolean) : []
  const oldest = own.at(-1)
  const changed = oldest ? await git.try(folder, ['diff', '--name-only', '-z', `${oldest}^`, commit]) : undefined
  return {
    commit,
    head: head.output.trim(),
    ahead: own.length,
    files: changed?.ok ? changed.output.split('\0').filter(Boolean).slice(0, MAX_FILES) : [],
    uncommitted: status.ok
      ? status.output
          .split('\0')
          .filter(Boolean)
          .map(entry => entry.slice(3))
      : [],
  }
}

/** Whether the repository of this worktree holds such a commit, on whichever branch. */
export async function hasCommit(git: Git, folder: string, named: string): Promise<boolean> {
  return (await git.try(folder, ['rev-parse', '--verify', '--quiet', `${named}^{commit}`])).ok
}
