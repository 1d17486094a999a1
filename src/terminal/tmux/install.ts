/** Is there a tmux, and is it new enough? When not: the command that installs one here. */
import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { AgencyError } from '../../kernel/errors.ts'
import { isNewEnough } from '../../model/tmuxVersion.ts'

type Environment = Readonly<Record<string, string | undefined>>

const INSTALLERS: readonly (readonly [program: string, command: string, asRoot: boolean])[] = [
  ['brew', 'brew install tmux', false],
  ['apt-get', 'apt-get install tmux', true],
  ['dnf', 'dnf install tmux', true],
  ['apk', 'apk add tmux', true],
  ['pacman', 'pacman -S tmux', true],
  ['zypper', 'zypper install tmux', true],
]

/** Resolves with the version as tmux writes it (`3.3a`). AgencyError('ENVIRONMENT') when it is missing or too old. */
export async function checkInstalled(env: Environment, signal?: AbortSignal): Promise<string> {
  const version = await readVersion(env, signal)
  if (version !== undefined && isNewEnough(version)) return version
  const what = version === undefined ? 'tmux is not installed' : `tmux ${version} is too old: 3.2 or newer is needed`
  throw new AgencyError('ENVIRONMENT', what, { hint: await installCommand(env) })
}

async function readVersion(env: Environment, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('tmux', ['-V'], { env: { ...env }, signal })
    return stdout.trim().replace(/^tmux /, '')
  } catch (error) {
    signal?.throwIfAborted()
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new AgencyError('ENVIRONMENT', 'tmux does not start', { hint: 'tmux -V', cause: error })
  }
}

async function installCommand(env: Environment): Promise<string> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean)
  for (const [program, command, asRoot] of INSTALLERS) {
    const found = await Promise.all(folders.map(folder => isProgram(join(folder, program))))
    if (found.includes(true)) return asRoot && process.getuid?.() !== 0 ? `sudo ${command}` : command
  }
  return 'install tmux 3.2 or newer: https://github.com/tmux/tmux/wiki/Installing'
}

function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
