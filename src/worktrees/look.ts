/** One look into an agent's worktree. Takes no lock of git's, so that no command of the agent finds one in its way. */
import { existsSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Git, hasBranch } from '../agencies/git.ts'
import { readText } from '../kernel/plainFile.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type ChangedPath, readPorcelain, UNDER_WAY, type UnderWay, type WorktreeStatus } from '../model/worktree.ts'

/** The times of more files than these are not asked for. */
const MOST_FILES = 500

export interface Place {
  readonly agent: Pick<AgentRecord, 'address' | 'workdir' | 'branch'>
  /** Undefined in an agency without a repository. */
  readonly repository: string | undefined
  /** What ahead and behind are counted from, by its full name. */
  readonly main: string | undefined
  /** Nothing is asked of its commits: half as many processes. */
  readonly isBrief?: boolean
}

export async function lookInto(git: Git, { agent, repository, main, isBrief }: Place): Promise<WorktreeStatus> {
  const folder = agent.workdir
  const nothing: WorktreeStatus = {
    ...{ agent: agent.address, folder, state: 'missing', branch: agent.branch, elsewhere: undefined },
    ...{ underWay: undefined, uncommitted: 0, oldestChangeAt: undefined, ahead: undefined, behind: undefined },
    ...{ lastCommit: undefined, problem: undefined },
  }
  if (!existsSync(folder)) return nothing
  if (repository === undefined || agent.branch === undefined)
    return { ...nothing, state: 'plain', uncommitted: (await readdir(folder).catch(() => [])).length }
  // Without its .git file git would answer for whatever repository lies around it.
  if (!existsSync(join(folder, '.git'))) {
    const files = await readdir(folder).catch(() => [])
    return files.length === 0 ? nothing : { ...nothing, state: 'broken', problem: 'its .git file is gone' }
  }
  const status = await git.try(folder, ['--no-optional-locks', 'status', '--porcelain=v2', '--branch', '-z'])
  if (!status.ok) return { ...nothing, state: 'broken', problem: status.output.split('\n')[0] }
  const { commit, branch, changed } = readPorcelain(status.output)
  const isConflict = changed.some(entry => entry.isConflict)
  return {
    ...nothing,
    ...(isBrief ? {} : await commitsOf(git, agent, main)),
    state: isConflict ? 'conflict' : changed.length > 0 ? 'changed' : 'clean',
    elsewhere: branch === agent.branch ? undefined : branch ? { branch } : { detachedAt: (commit ?? '').slice(0, 8) },
    underWay: await underWayIn(folder),
    uncommitted: changed.length,
    oldestChangeAt: await oldestChange(folder, changed),
  }
}

async function commitsOf(
  git: Git,
  { workdir: folder, branch }: Place['agent'],
  main: string | undefined,
): Promise<Pick<WorktreeStatus, 'ahead' | 'behind' | 'lastCommit'>> {
  const home = await git.commitsOf(folder)
  const tip = home === folder ? 'HEAD' : `refs/heads/${branch}`
  const [counts, last] = await Promise.all([
    main === undefined ? undefined : git.try(home, ['rev-list', '--left-right', '--count', `${main}...${tip}`, '--']),
    git.try(home, ['log', '-1', '--format=%ct %s', tip, '--']),
  ])
  const [behind, ahead] = counts?.ok ? counts.output.split('\t').map(Number) : []
  const said = last.ok ? /^(\d+) (.*)/.exec(last.output) : null
  return { ahead, behind, lastCommit: said ? { at: Number(said[1]) * 1000, subject: said[2]! } : undefined }
}

async function underWayIn(folder: string): Promise<UnderWay | undefined> {
  const gitDir = await gitDirOf(folder)
  const found = Object.entries(UNDER_WAY).find(([file]) => existsSync(join(gitDir, file)))
  return found?.[1]
}

async function gitDirOf(folder: string): Promise<string> {
  const file = join(folder, '.git')
  // In a linked worktree it is a file that names the folder.
  const named = /^gitdir: (.+)/.exec(await readText(file).catch(() => ''))?.[1]
  return named === undefined ? file : resolve(folder, named)
}

/** By the time of the last change of a file's own entry: the time in its content may have come with a copy. */
async function oldestChange(folder: string, changed: readonly ChangedPath[]): Promise<number | undefined> {
  if (changed.length === 0) return undefined
  const times = await Promise.all(changed.slice(0, MOST_FILES).map(({ path }) => changedAt(join(folder, path), folder)))
  return Math.round(Math.min(...times))
}

/** Of a file that was deleted, its folder tells. */
async function changedAt(path: string, folder: string): Promise<number> {
  for (let at = path; ; at = dirname(at)) {
    const found = await lstat(at).catch(() => undefined)
    if (found || at === folder || at === dirname(at)) return found?.ctimeMs ?? Date.now()
  }
}

/** The branch that everybody's work goes to: what the remote calls HEAD, else main or master, else what the repository itself stands on. */
export async function mainBranch(git: Git, repository: string): Promise<string | undefined> {
  const ref = await mainRef(git, repository)
  return ref && shortName(ref)
}

/** The same as git calls it in full: by its name alone git takes a tag first, or a file in .git. */
export async function mainRef(git: Git, repository: string): Promise<string | undefined> {
  const remote = await git.try(repository, ['symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD'])
  const named = remote.ok ? [remote.output.replace(/^refs\/remotes\/origin\//, '')] : []
  for (const name of [...named, 'main', 'master'])
    if (await hasBranch(git, repository, name)) return `refs/heads/${name}`
  if (remote.ok) return remote.output
  const head = await git.try(repository, ['symbolic-ref', '--quiet', 'HEAD'])
  return head.ok ? head.output : undefined
}

export function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|remotes)\//, '')
}
