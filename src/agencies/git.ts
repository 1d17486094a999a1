/** Runs git for the person: with their file mode mask, without their hooks, and without a question. */
import { ExecaError, execa } from 'execa'
import { AgencyError } from '../kernel/errors.ts'

export interface Git {
  /** What it printed. AgencyError('GIT') when it failed. */
  run(folder: string, args: readonly string[]): Promise<string>
  try(folder: string, args: readonly string[]): Promise<{ ok: boolean; output: string }>
}

/** A shell says so when there is no such program. */
const NOT_FOUND = 127

/** `isPatient`: gives way to everybody else on the machine. */
export function gitWith(umask: number, { isPatient = false } = {}): Git {
  const program = isPatient ? 'nice -n 15 git' : 'git'
  return {
    try: (folder, args) => tryGit({ umask, program }, folder, args),
    async run(folder, args) {
      const result = await tryGit({ umask, program }, folder, args)
      if (result.ok) return result.output
      throw new AgencyError('GIT', `git ${args.slice(0, 2).join(' ')} failed in ${folder}: ${result.output}`, {
        hint: `git -C ${folder} status`,
      })
    },
  }
}

/** Whether the repository has such a branch of its own. */
export async function hasBranch(git: Git, repository: string, branch: string): Promise<boolean> {
  return (await git.try(repository, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`])).ok
}

async function tryGit(
  { umask, program }: { umask: number; program: string },
  folder: string,
  args: readonly string[],
): Promise<{ ok: boolean; output: string }> {
  // A hook or a pager of the person must not run or wait here, and GIT_DIR of a caller must not redirect us.
  const words = ['-C', folder, '-c', 'core.hooksPath=/dev/null', ...args]
  try {
    const { stdout } = await execa(
      '/bin/sh',
      ['-c', `umask "$0" && exec ${program} "$@"`, umask.toString(8), ...words],
      {
        env: {
          GIT_TERMINAL_PROMPT: '0',
          GIT_DIR: undefined,
          GIT_WORK_TREE: undefined,
          GIT_INDEX_FILE: undefined,
          LC_ALL: 'C',
        },
        stdin: 'ignore',
        timeout: 60_000,
      },
    )
    return { ok: true, output: stdout }
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error
    if (error.exitCode === NOT_FOUND)
      throw new AgencyError('ENVIRONMENT', 'git is not installed', {
        hint: 'apt-get install git   or   brew install git',
        cause: error,
      })
    return { ok: false, output: String(error.stderr || error.shortMessage).trim() }
  }
}
