/** Runs one child process to its end, keeping the tail of what it said; it and all it started die on abort and with us. */
import { type ChildProcess, spawn } from 'node:child_process'

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string
  readonly timeoutMs?: number
}

export interface Ended {
  /** Exit code; 128 + n after signal n is not told apart, it is 1; 127 when it could not be started. */
  readonly status: number
  /** The last 4 KB of stdout and stderr, in the order they came. */
  readonly output: string
  readonly stdout: string
  readonly isTimedOut: boolean
  /** The terminal went away and took the child with it, perhaps before it had begun. */
  readonly isHungUp: boolean
}

const TAIL_BYTES = 4096
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) killGroup(child)
})

export function runShell(command: string, options: ChildOptions, signal?: AbortSignal): Promise<Ended> {
  return runChild(['/bin/sh', '-c', command], options, signal)
}

export function runChild(argv: readonly string[], options: ChildOptions, signal?: AbortSignal): Promise<Ended> {
  return new Promise(resolve => {
    const env = { ...process.env, ...options.env }
    // Its own process group, so that an interrupt reaches what the command itself has started.
    const child = spawn(argv[0]!, argv.slice(1), { env, stdio: 'pipe', detached: true })
    running.add(child)
    let output = Buffer.alloc(0)
    let stdout = Buffer.alloc(0)
    let isTimedOut = false
    const kill = () => killGroup(child)
    const timer = options.timeoutMs
      ? setTimeout(() => {
          isTimedOut = true
          kill()
        }, options.timeoutMs)
      : undefined
    const end = (status: number, { problem = '', isHungUp = false } = {}) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', kill)
      running.delete(child)
      resolve({ status, output: `${output}${problem}`.trimEnd(), stdout: stdout.toString(), isTimedOut, isHungUp })
    }
    child.stdout.on('data', (bytes: Buffer) => {
      output = tail(output, bytes)
      stdout = tail(stdout, bytes)
    })
    child.stderr.on('data', (bytes: Buffer) => {
      output = tail(output, bytes)
    })
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
    child.on('error', error => end(127, { problem: error.message }))
    child.on('close', (code, signal) => end(code ?? 1, { isHungUp: signal === 'SIGHUP' }))
    signal?.addEventListener('abort', kill, { once: true })
    if (signal?.aborted) kill()
  })
}

function tail(kept: Buffer, bytes: Buffer): Buffer<ArrayBuffer> {
  return Buffer.concat([kept, bytes]).subarray(-TAIL_BYTES)
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It ended by itself in the meantime.
  }
}
