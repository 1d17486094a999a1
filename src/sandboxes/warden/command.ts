/** Runs one command of the project: no terminal, a process group of its own, and an end to its time and its output. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { RunEnd } from '../../model/warden.ts'

/** A command that prints more is ended: nobody reads it, and the disk is everybody's. */
const MOST_OUTPUT_BYTES = 200_000_000
/** What a child in the background still holds open is not waited for any longer. */
const LINGER_MS = 300

export interface CommandOrder {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly take: (chunk: Buffer) => void
}

export interface Running {
  readonly pid: number | undefined
  readonly end: Promise<RunEnd>
  /** Ends it and all it has started that is still of its group. */
  stop(why: string): void
}

export function runCommand({ argv, cwd, env, timeoutMs, take }: CommandOrder): Running {
  const begun = performance.now()
  // detached: no terminal to ask at, and one group to end.
  const child = spawn(argv[0]!, argv.slice(1), {
    cwd,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let ended: string | undefined
  const stop = (why: string) => {
    ended ??= why
    endGroup(child)
  }
  let bytes = 0
  const read = (chunk: Buffer) => {
    if (bytes > MOST_OUTPUT_BYTES) return
    bytes += chunk.length
    take(chunk)
    if (bytes > MOST_OUTPUT_BYTES) stop(`it printed more than ${MOST_OUTPUT_BYTES / 1e6} MB`)
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  const timer =
    timeoutMs > 0 ? setTimeout(() => stop(`it was not done after ${timeoutMs / 1000} s`), timeoutMs) : undefined
  const end = ending(child).then((status): RunEnd => {
    clearTimeout(timer)
    endGroup(child)
    const seconds = Math.round((performance.now() - begun) / 100) / 10
    return ended === undefined ? { status, seconds } : { ended, seconds }
  })
  return { pid: child.pid, end, stop }
}

/** 127 when there is no such program, 128 and the signal's number as shells have it. */
function ending(child: ChildProcess): Promise<number> {
  return new Promise(resolve => {
    child.once('error', () => resolve(127))
    child.once('exit', (code, signal) => {
      const status = code ?? 128 + (signal === 'SIGKILL' ? 9 : 15)
      const linger = setTimeout(() => resolve(status), LINGER_MS)
      child.once('close', () => {
        clearTimeout(linger)
        resolve(status)
      })
    })
  })
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // None of it lives any more.
  }
}
