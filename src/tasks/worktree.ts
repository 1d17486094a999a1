/** What an agent's worktree holds beyond its repository's main line: looked at, and never changed. */
import { existsSync } from 'node:fs'
import type { Git } from '../agencies/git.ts'
import { readPorcelain } from '../model/worktree.ts'
import { mainRef } from '../worktrees/look.ts'

export interface WorktreeLook {
  /** The tip of its branch. */
  readonly commit: string
  /** What is checked out; another agent's commit, where one looks at that. */
  readonly head: string
  /** Commits of the branch that the main line has not: another branch, a tag, or a remote that holds them as well changes nothing. */
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
  const home = await git.commitsOf(folder)
  const [head, tip] = await Promise.all([
    git.try(folder, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
    git.try(home, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`]),
  ])
  if (!head.ok || !tip.ok) return undefined
  const commit = tip.output.trim()
  const [ahead, status] = await Promise.all([
    git.try(home, ['rev-list', commit, '--not', ...(await mainLine(git, home, branch)), '--']),
    git.try(folder, ['status', '--porcelain=v2', '-z']),
  ])
  // What git cannot tell is not nothing.
  if (!ahead.ok || !status.ok) return undefined
  const own = ahead.output.split('\n').filter(Boolean)
  const oldest = own.at(-1)
  const changed = oldest ? await git.try(home, ['diff', '--name-only', '-z', `${oldest}^`, commit]) : undefined
  return {
    commit,
    head: head.output.trim(),
    ahead: own.length,
    files: changed?.ok ? changed.output.split('\0').filter(Boolean).slice(0, MAX_FILES) : [],
    uncommitted: readPorcelain(status.output).changed.map(({ path }) => path),
  }
}

/** The main branch, and what the repository's own folder stands on. */
async function mainLine(git: Git, folder: string, branch: string): Promise<readonly string[]> {
  const [main, listed] = await Promise.all([mainRef(git, folder), git.try(folder, ['worktree', 'list', '--porcelain'])])
  const [first = ''] = listed.ok ? listed.output.split('\n\n') : []
  const stands = /^HEAD ([0-9a-f]+)$/m.exec(first)?.[1]
  const known = [...(main === undefined || main === `refs/heads/${branch}` ? [] : [main]), ...(stands ? [stands] : [])]
  const are = await Promise.all(known.map(name => hasCommit(git, folder, name)))
  return known.filter((_, index) => are[index])
}

/**
 * Commits that were made in this worktree, are checked out or named, and lie neither on its branch nor on the main line: made
 * on another branch, they would be looked at by nobody. What others made, and is only looked at here, is not meant.
 */
export async function strayCommits(
  git: Git,
  { folder, branch, named }: { folder: string; branch: string; named: readonly string[] },
): Promise<readonly string[]> {
  const log = await git.try(folder, ['log', '--walk-reflogs', '--max-count=1000', '--format=%H %gs', 'HEAD', '--'])
  if (!log.ok) return []
  const made = new Set(
    log.output
      .split('\n')
      .filter(line => /^[0-9a-f]+ (commit|cherry-pick|revert|merge|rebase|am)\b/.test(line))
      .map(line => line.split(' ')[0]!),
  )
  if (made.size === 0) return []
  const line = await commitHashes(git, await git.commitsOf(folder), branch)
  const known = await Promise.all(line.map(hash => hasCommit(git, folder, hash)))
  const not = ['--not', `refs/heads/${branch}`, ...line.filter((_, index) => known[index])]
  const found = await git.try(folder, ['rev-list', 'HEAD', ...named, ...not, '--'])
  return found.ok ? found.output.split('\n').filter(hash => made.has(hash)) : []
}

/** A clone may not have their names, nor what they have become since. */
async function commitHashes(git: Git, folder: string, branch: string): Promise<readonly string[]> {
  const names = await mainLine(git, folder, branch)
  const found = await Promise.all(names.map(name => git.try(folder, ['rev-parse', '--verify', `${name}^{commit}`])))
  return found.flatMap(({ ok, output }) => (ok ? [output.trim()] : []))
}

/** Whether the repository of this worktree holds such a commit, on whichever branch. */
export async function hasCommit(git: Git, folder: string, named: string): Promise<boolean> {
  return (await git.try(folder, ['rev-parse', '--verify', '--quiet', `${named}^{commit}`])).ok
}
