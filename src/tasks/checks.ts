/** Runs the checks of an agency in a worktree: shell commands, each in a process group of its own, bounded in time and output. */
import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { execa } from 'execa'
import { programEnvironment, VOICELESS } from '../agencies/programEnvironment.ts'
import { endGroup, statusOfGroup } from '../kernel/process.ts'
import { Recording } from '../kernel/recording.ts'
import { type Check, tellingLines } from '../model/check.ts'
import type { CheckRun } from '../model/task.ts'
import { readTestReport } from '../model/testReport.ts'
import { plainEnvironment } from '../walls/workWall.ts'

export interface CheckOrder {
  readonly folder: string
  readonly checks: readonly Check[]
  /** Folder for their output. */
  readonly logs: string
  readonly timeoutMs: number
  readonly umask: number
  /** What each prints is recorded beside its log. */
  readonly isRecorded?: boolean | undefined
  /** What the commands are run behind; nothing at the cooperative level. */
  readonly cage: readonly string[]
}

/** Of more output than this the middle is dropped: the end is what tells. */
const MAX_LOG_BYTES = 20_000_000
const TAIL_BYTES = 256_000

/** One after the other; the first that fails is the last. */
export async function runChecks(order: CheckOrder, signal: AbortSignal): Promise<readonly CheckRun[]> {
  await mkdir(order.logs, { recursive: true, mode: 0o700 })
  const runs: CheckRun[] = []
  for (const [index, check] of order.checks.entries()) {
    if (signal.aborted) break
    const run = await runCheck(order, check, join(order.logs, `${index + 1}.log`), signal)
    runs.push(run)
    if (run.status !== 0) break
  }
  return runs
}

async function runCheck(
  order: CheckOrder,
  { name, command }: Check,
  log: string,
  signal: AbortSignal,
): Promise<CheckRun> {
  const begun = performance.now()
  const file = order.isRecorded ? log.replace(/\.log$/, '.cast') : undefined
  const cast = file === undefined ? undefined : new Recording(file, name ?? command)
  const status = await runShell(order, command, { log, cast }, signal)
  const seconds = Math.round((performance.now() - begun) / 100) / 10
  cast?.close(`${status === undefined ? 'it was ended' : `it ended with ${status}`}, ${seconds} s`)
  const output = await readTail(log)
  const { passed, failed, failures, coverage } = readTestReport(output)
  const tests = passed === undefined && failed === undefined ? undefined : { passed: passed ?? 0, failed: failed ?? 0 }
  return {
    ...(name === undefined ? {} : { name }),
    ...{ command, status, seconds, log, tests, coverage },
    ...(status === 0 ? {} : { tail: tellingLines(output) }),
    ...(failures.length > 0 ? { failures } : {}),
    ...(file === undefined ? {} : { cast: file }),
  }
}

/** Undefined when it was ended for its time or by the signal. */
async function runShell(
  { folder, timeoutMs, umask, cage }: CheckOrder,
  command: string,
  { log: file, cast }: { log: string; cast: Recording | undefined },
  signal: AbortSignal,
): Promise<number | undefined> {
  const argv = [...cage, '/bin/sh', '-c', `umask ${umask.toString(8)}; ${command}`]
  const env = programEnvironment({ CI: 'true', GIT_TERMINAL_PROMPT: '0' })
  const child = execa(argv[0]!, argv.slice(1), {
    cwd: folder,
    env: cage.length > 0 ? { ...plainEnvironment(env), ...VOICELESS, CI: 'true' } : env,
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    // A group of its own, so that whatever it has started ends with it.
    detached: true,
    cleanup: false,
  })
  const log = new BoundedLog(createWriteStream(file, { mode: 0o600 }))
  child.all.on('data', (chunk: Buffer) => {
    log.add(chunk)
    cast?.write(chunk)
  })
  let isEnded = false
  const end = () => {
    isEnded = true
    endGroup(child.pid)
  }
  const timer = setTimeout(end, timeoutMs)
  signal.addEventListener('abort', end, { once: true })
  try {
    const status = await statusOfGroup(child)
    return isEnded ? undefined : status
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    await log.close()
  }
}

/** The beginning and the end of an output of any length. */
class BoundedLog {
  #written = 0
  #dropped = 0
  #tail: Buffer[] = []
  #tailBytes = 0

  constructor(private readonly file: WriteStream) {
    // A disk that takes no more costs the log, and nothing else.
    file.on('error', () => {})
  }

  add(chunk: Buffer): void {
    this.#written += chunk.length
    if (this.#written <= MAX_LOG_BYTES) return void this.file.write(chunk)
    this.#tail.push(chunk)
    this.#tailBytes += chunk.length
    while (this.#tailBytes - this.#tail[0]!.length >= TAIL_BYTES) {
      const gone = this.#tail.shift()!
      this.#tailBytes -= gone.length
      this.#dropped += gone.length
    }
  }

  async close(): Promise<void> {
    if (this.#dropped > 0) this.file.write(`\n… ${this.#dropped} bytes are left out here …\n`)
    for (const chunk of this.#tail) this.file.write(chunk)
    this.file.end()
    await finished(this.file).catch(() => undefined)
  }
}

export async function readTail(file: string, bytes = TAIL_BYTES): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined)
  if (!handle) return ''
  try {
    const { size } = await handle.stat()
    const start = Math.max(0, size - bytes)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(bytes, size)), 0, undefined, start)
    return buffer.subarray(0, bytesRead).toString('utf8')
  } finally {
    await handle.close()
  }
}
