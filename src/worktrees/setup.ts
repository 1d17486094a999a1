/** The command that is run once in a new worktree, such as `npm ci`: as the person, bounded in time, its output kept. */
import { createWriteStream } from 'node:fs'
import { execa } from 'execa'
import { programEnvironment, VOICELESS } from '../agencies/programEnvironment.ts'
import { endGroup, statusOfGroup } from '../kernel/process.ts'
import { oneLine } from '../model/sanitize.ts'
import { plainEnvironment } from '../walls/workWall.ts'

export interface Setup {
  readonly command: string
  readonly folder: string
  readonly logFile: string
  readonly timeoutMs: number
  readonly umask: number
  /** What it is run behind; nothing at the cooperative level. */
  readonly cage: readonly string[]
}

/** Undefined when it went well, else what went wrong in words. */
export async function runSetup({
  command,
  folder,
  logFile,
  timeoutMs,
  umask,
  cage,
}: Setup): Promise<string | undefined> {
  const named = oneLine(command, 60)
  // A disk that takes no more costs the log, and nothing else.
  const log = createWriteStream(logFile, { mode: 0o600 }).on('error', () => {})
  // A group of its own: what it has started in the background ends with it.
  const argv = [...cage, '/bin/sh', '-c', 'umask "$0" && eval "$1"', umask.toString(8), command]
  const running = execa(argv[0]!, argv.slice(1), {
    cwd: folder,
    env: cage.length > 0 ? { ...plainEnvironment(process.env), ...VOICELESS } : programEnvironment(),
    extendEnv: false,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    all: true,
    buffer: false,
    reject: false,
    detached: true,
  })
  running.all?.pipe(log)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    endGroup(running.pid)
  }, timeoutMs)
  try {
    const status = await statusOfGroup(running)
    if (isLate) return `${named}: not done within ${Math.round(timeoutMs / 1000)} s, and ended; ${logFile}`
    if (status === 0) return undefined
    return `${named}: ended with ${status}; ${logFile}`
  } finally {
    clearTimeout(timer)
    log.end()
  }
}
