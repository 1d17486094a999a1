/**
 * Runs git for the person: with their file mode mask, without their hooks, and without a question. In the clone of an isolated
 * agent, which may have written there whatever makes git run a program, it runs behind a wall and writes nothing.
 */
import { ExecaError, execa } from 'execa'
import type { Workspace } from '../config/workspace.ts'
import { AgencyError } from '../kernel/errors.ts'
import { endAfter } from '../kernel/process.ts'
import { clonedAt } from '../walls/places.ts'
import { plainEnvironment } from '../walls/workWall.ts'
import { CLONE_SETTINGS, commitsOf, gitCage } from './cloneGit.ts'

export interface Git {
  /** What it printed. AgencyError('GIT') when it failed. */
  run(folder: string, args: readonly string[]): Promise<string>
  /** `input`: what it reads; nothing without. */
  try(folder: string, args: readonly string[], input?: string): Promise<{ ok: boolean; output: string }>
  /** Where commits of a worktree's branch are to be looked at: there, or of a clone in the repository, which has fetched them by then. */
  commitsOf(folder: string): Promise<string>
  /** Whether it is the clone of an isolated agent, or lies in one. */
  isClone(folder: string): boolean
}

/**
 * What git of ours never asks, follows or speaks. An object is what its name says, with the parents it names: an agent can have the
 * repository take it for another one (`git replace`, grafts), so that something else is shown and tested than what is merged.
 */
export const OUR_GIT = {
  ...{ GIT_TERMINAL_PROMPT: '0', GIT_NO_REPLACE_OBJECTS: '1', GIT_GRAFT_FILE: '/dev/null/none', LC_ALL: 'C' },
  ...{ GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined },
} as const

/**
 * A commit graph is another file that says what commits hold, and may lie. For a person whose git shows no new files they are
 * work all the same: git itself would remove them with a worktree.
 */
const OUR_SETTINGS = [
  ...['-c', 'core.commitGraph=false'],
  ...['-c', 'core.hooksPath=/dev/null', '-c', 'status.showUntrackedFiles=normal'],
  // What is read from a log is in our own form.
  ...['-c', 'log.showSignature=false', '-c', 'i18n.logOutputEncoding=UTF-8'],
]

/** A shell says so when there is no such program. */
const NOT_FOUND = 127
const TIMEOUT_MS = 60_000
/** Whoever owns the clone can make git wait for ever. */
const CLONE_TIMEOUT_MS = 20_000

/** `isPatient`: gives way to everybody else on the machine. */
export function gitWith(umask: number, options: GitOptions = {}): Git {
  const { workspace } = options
  const attempt: Git['try'] = (folder, args, input) => tryGit({ ...options, umask }, folder, { args, input })
  return {
    try: attempt,
    commitsOf: folder => commitsOf(workspace, attempt, folder),
    isClone: folder => workspace !== undefined && clonedAt(workspace, folder) !== undefined,
    async run(folder, args) {
      const result = await attempt(folder, args)
      if (result.ok) return result.output
      throw new AgencyError('GIT', `git ${args.slice(0, 2).join(' ')} failed in ${folder}: ${result.output}`, {
        hint: `git -C ${folder} status`,
      })
    },
  }
}

interface GitOptions {
  readonly isPatient?: boolean
  /** Without it there are no clones. */
  readonly workspace?: Workspace | undefined
  /** Shorter in tests. */
  readonly timeoutMs?: number
}

/** Whether the repository has such a branch of its own. */
export async function hasBranch(git: Git, repository: string, branch: string): Promise<boolean> {
  return (await git.try(repository, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`])).ok
}

async function tryGit(
  { umask, isPatient = false, workspace, timeoutMs = TIMEOUT_MS }: GitOptions & { umask: number },
  folder: string,
  { args, input }: { args: readonly string[]; input: string | undefined },
): Promise<{ ok: boolean; output: string }> {
  const clone = workspace && clonedAt(workspace, folder)
  const cage = clone ? await gitCage(workspace, clone) : undefined
  const program = [...(isPatient ? ['nice', '-n', '15'] : []), ...(cage ?? []), 'git']
  // A hook or a pager of the person must not run or wait here, and GIT_DIR of a caller must not redirect us.
  const words = [...program, '-C', folder, ...OUR_SETTINGS, ...(cage ? CLONE_SETTINGS : []), ...args]
  const limitMs = cage ? CLONE_TIMEOUT_MS : timeoutMs
  const running = execa('/bin/sh', ['-c', 'umask "$0" && exec "$@"', umask.toString(8), ...words], {
    ...(cage ? { extendEnv: false } : {}),
    env: {
      ...(cage ? { ...plainEnvironment(process.env), GIT_CONFIG_GLOBAL: '/dev/null', GIT_OPTIONAL_LOCKS: '0' } : {}),
      ...OUR_GIT,
    },
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    detached: true,
  })
  const limit = endAfter(running, limitMs)
  try {
    return { ok: true, output: (await running).stdout }
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error
    if (error.exitCode === NOT_FOUND)
      throw new AgencyError('ENVIRONMENT', 'git is not installed', {
        hint: 'apt-get install git   or   brew install git',
        cause: error,
      })
    const said = String(error.stderr).trim()
    if (!limit.isOver()) return { ok: false, output: said || error.shortMessage }
    return { ok: false, output: [`it was not done after ${limitMs / 1000} s`, said].filter(Boolean).join(': ') }
  } finally {
    limit.clear()
  }
}
