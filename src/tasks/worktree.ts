/** What an agent's worktree holds beyond its repository's main line: looked at, and never changed. */
import { existsSync } from 'node:fs'
import type { Git } from '../agencies/git.ts'

export interface WorktreeLook {
  readonly commit: string
  /** Commits of the branch that no other branch but those of agents holds. */
  readonly ahead: number
  /** Files that those commits change. */
  readonly files: readonly string[]
  /** Paths with changes that are not committed, untracked ones as well. */
  readonly uncommitted: readonly string[]
}

const MAX_FILES = 500

/** Undefined when the folder is no worktree, or git cannot read it. */
export async function lookAtWorktree(git: Git, folder: string): Promise<WorktreeLook | undefined> {
  if (!existsSync(folder)) return undefined
  const head = await git.try(folder, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
  if (!head.ok) return undefined
  const commit = head.output.trim()
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

/** The full hash of a commit of this worktree's history; undefined when it has none such. */
export async function commitInHistory(git: Git, folder: string, named: string): Promise<string | undefined> {
  const found = await git.try(folder, ['rev-parse', '--verify', '--quiet', `${named}^{commit}`])
  if (!found.ok) return undefined
  const hash = found.output.trim()
  return (await git.try(folder, ['merge-base', '--is-ancestor', hash, 'HEAD'])).ok ? hash : undefined
}
