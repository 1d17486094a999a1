/** The branch that work is merged into: where it stands, where it is checked out, and moving it from one known commit to another. */
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Git } from '../agencies/git.ts'
import { UNDER_WAY } from '../model/worktree.ts'

export interface Advance {
  readonly repository: string
  readonly target: string
  readonly from: string
  readonly to: string
  /** The branch that was approved: it must still be exactly this commit. */
  readonly approved: { readonly branch: string; readonly commit: string }
}

/** held: something is in the way that the person can move · moved: the target or the branch is not what it was. */
export type Advanced =
  | { readonly kind: 'advanced' }
  | { readonly kind: 'moved' }
  | { readonly kind: 'held'; readonly reason: string }

/** Compare and swap: never from another commit than `from`. Nothing is ever pushed. */
export async function advanceTarget(git: Git, advance: Advance): Promise<Advanced> {
  const { repository, target, from } = advance
  const places = await placesOf(git, repository, target)
  if (places.length > 1) return { kind: 'held', reason: inManyPlaces(target, places) }
  const [place] = places
  if (!place) return swap(git, advance)
  const obstacle = await obstacleIn(git, place, target)
  if (obstacle) return { kind: 'held', reason: obstacle }
  if (!(await isStill(git, advance, from))) return { kind: 'moved' }
  // git itself moves files, index and branch, and refuses where a file of the person would be overwritten.
  const merged = await git.try(place.folder, ['merge', '--ff-only', '--no-edit', '--quiet', advance.to])
  // One that was ended for taking too long may have done it: what is true the branch tells.
  if (merged.ok || (await holds(git, advance, advance.to))) return { kind: 'advanced' }
  if (!(await isStill(git, advance, from))) return { kind: 'moved' }
  return { kind: 'held', reason: `${place.folder} cannot take it: ${merged.output.split('\n').slice(0, 4).join(' ')}` }
}

/** What keeps the target from moving, without moving it; `files` are those that would change. */
export async function obstacleAt(
  git: Git,
  { repository, target, files }: { repository: string; target: string; files: readonly string[] },
): Promise<string | undefined> {
  const places = await placesOf(git, repository, target)
  if (places.length > 1) return inManyPlaces(target, places)
  const [place] = places
  return place && ((await obstacleIn(git, place, target)) ?? overwritten(git, place.folder, files))
}

/** Files of the person that git does not know, and that lie where others would come. */
async function overwritten(git: Git, folder: string, files: readonly string[]): Promise<string | undefined> {
  const there = files.filter(path => existsSync(join(folder, path)))
  if (there.length === 0) return undefined
  const listed = await git.try(folder, ['ls-files', '-z'])
  const known = new Set(listed.ok ? listed.output.split('\0') : there)
  const unknown = there.find(path => !known.has(path))
  return unknown && `${join(folder, unknown)} is not known to git and would be overwritten`
}

function inManyPlaces(target: string, places: readonly Place[]): string {
  return `${target} is checked out in ${places.map(({ folder }) => folder).join(' and ')}`
}

/** One transaction of git's: both branches are what was looked at, or nothing moves. */
async function swap(git: Git, advance: Advance): Promise<Advanced> {
  const { repository, target, from, to, approved } = advance
  const commands = [
    'start',
    `verify refs/heads/${approved.branch} ${approved.commit}`,
    `update refs/heads/${target} ${to} ${from}`,
    'prepare',
    'commit',
  ]
  const words = ['update-ref', '-m', `merge ${approved.branch}: approved`, '--stdin']
  const done = await git.try(repository, words, `${commands.join('\n')}\n`)
  return done.ok || (await holds(git, advance, to)) ? { kind: 'advanced' } : { kind: 'moved' }
}

async function isStill(git: Git, { repository, target, approved }: Advance, from: string): Promise<boolean> {
  const names = [`refs/heads/${target}`, `refs/heads/${approved.branch}`]
  const found = await git.try(repository, ['rev-parse', '--verify', '--quiet', ...names.slice(0, 1)])
  const branch = await git.try(repository, ['rev-parse', '--verify', '--quiet', ...names.slice(1)])
  return found.ok && branch.ok && found.output.trim() === from && branch.output.trim() === approved.commit
}

interface Place {
  readonly folder: string
  /** The branch is being rebased or bisected there, and comes back to it. */
  readonly isBusy: boolean
}

async function placesOf(git: Git, repository: string, target: string): Promise<readonly Place[]> {
  const listed = await git.run(repository, ['worktree', 'list', '--porcelain'])
  const found: Place[] = []
  for (const entry of listed.split('\n\n').filter(text => !/^prunable/m.test(text))) {
    const folder = /^worktree (.+)$/m.exec(entry)?.[1]
    if (folder === undefined || /^bare$/m.test(entry)) continue
    if (entry.split('\n').includes(`branch refs/heads/${target}`)) found.push({ folder, isBusy: false })
    else if (/^detached$/m.test(entry) && isComingBackTo(folder, target)) found.push({ folder, isBusy: true })
  }
  return found
}

function isComingBackTo(folder: string, target: string): boolean {
  const gitDir = gitDirOf(folder)
  const names = ['rebase-merge/head-name', 'rebase-apply/head-name', 'BISECT_START'].map(file =>
    read(join(gitDir, file)),
  )
  return names.some(name => name === `refs/heads/${target}` || name === target)
}

function gitDirOf(folder: string): string {
  return /^gitdir: (.+)$/m.exec(read(join(folder, '.git')) ?? '')?.[1] ?? join(folder, '.git')
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}

async function obstacleIn(git: Git, { folder, isBusy }: Place, target: string): Promise<string | undefined> {
  if (isBusy) return `${target} is being rebased or bisected in ${folder}: finish that`
  if (!existsSync(folder)) return `${target} is checked out in ${folder}, which is gone: git worktree prune`
  const underWay = Object.entries(UNDER_WAY).find(([file]) => existsSync(join(gitDirOf(folder), file)))?.[1]
  if (underWay) return `a ${underWay} is under way in ${folder}: git -C ${folder} status`
  const status = await git.try(folder, ['--no-optional-locks', 'status', '--porcelain', '--untracked-files=no'])
  if (!status.ok) return `${folder}, where ${target} is checked out, cannot be looked into: ${status.output}`
  const changed = status.output.split('\n').filter(Boolean)
  if (changed.length === 0) return undefined
  return `${target} is checked out in ${folder} with ${changed.length} uncommitted change${changed.length === 1 ? '' : 's'}: commit ${changed.length === 1 ? 'it' : 'them'}, or git -C ${folder} stash`
}

/** Whether the target holds this commit. */
export async function holds(
  git: Git,
  { repository, target }: Pick<Advance, 'repository' | 'target'>,
  commit: string,
): Promise<boolean> {
  return (await git.try(repository, ['merge-base', '--is-ancestor', commit, `refs/heads/${target}`])).ok
}

/** The last moves of a branch, newest first, as git wrote them down: who moved it, and how. */
export async function lastMoves(
  commonDir: string,
  branch: string,
): Promise<readonly { to: string; who: string; how: string }[]> {
  const text = await readFile(join(commonDir, 'logs', 'refs', 'heads', branch), 'utf8').catch(() => '')
  return text
    .trimEnd()
    .split('\n')
    .slice(-50)
    .reverse()
    .flatMap(line => {
      const [, to, who, how] = /^[0-9a-f]+ ([0-9a-f]+) (.*?) \d+ [+-]\d{4}\t?(.*)$/.exec(line) ?? []
      return to === undefined ? [] : [{ to, who: who!, how: how! }]
    })
}
