/** Runs the checks of an agency in a worktree: shell commands, each in a process group of its own, bounded in time and output. */
import { createWriteStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { execa } from 'execa'
import { endGroup } from '../kernel/process.ts'
import type { CheckRun } from '../model/task.ts'
import { readCoverage, readTestCounts } from '../model/taskTalk.ts'

export interface CheckOrder {
  readonly folder: string
  readonly commands: readonly string[]
  /** Folder for their output. */
  readonly logs: string
  readonly timeoutMs: number
  readonly umask: number
}

/** More output than this is dropped; the end is what tells. */
const MAX_LOG_BYTES = 20_000_000
const TAIL_BYTES = 256_000

/** One after the other; the first that fails is the last. */
export async function runChecks(order: CheckOrder, signal: AbortSignal): Promise<readonly CheckRun[]> {
  await mkdir(order.logs, { recursive: true, mode: 0o700 })
  const runs: CheckRun[] = []
  for (const [index, command] of order.commands.entries()) {
    if (signal.aborted) break
    const run = await runCheck(order, command, join(order.logs, `${index + 1}.log`), signal)
    runs.push(run)
    if (run.status !== 0) break
  }
  return runs
}

async function runCheck(order: CheckOrder, command: string, log: string, signal: AbortSignal): Promise<CheckRun> {
  const begun = performance.now()
  const status = await runShell(order, command, log, signal)
  const tail = await readTail(log)
  return {
    command,
    status,
    seconds: Math.round((performance.now() - begun) / 100) / 10,
    log,
    tests: readTestCounts(tail),
    coverage: readCoverage(tail),
  }
}

/** Undefined when it was ended for its time or by the signal. */
async function runShell(
  { folder, timeoutMs, umask }: CheckOrder,
  command: string,
  log: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const output = createWriteStream(log, { mode: 0o600 })
  const child = execa('/bin/sh', ['-c', `umask ${umask.toString(8)}; ${command}`], {
    cwd: folder,
    // Nothing of ours that tells who we are: a check is the project's own program.
    env: {
      AGENCY_TOKEN_FILE: undefined,
      AGENCY_AGENT: undefined,
      GIT_DIR: undefined,
      CI: 'true',
      GIT_TERMINAL_PROMPT: '0',
    },
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    // A group of its own, so that whatever it has started ends with it.
    detached: true,
    cleanup: false,
  })
  let written = 0
  child.all.on('data', (chunk: Buffer) => {
    written += chunk.length
    if (written <= MAX_LOG_BYTES) output.write(chunk)
  })
  let isEnded = false
  const end = () => {
    isEnded = true
    endGroup(child.pid)
  }
  const timer = setTimeout(end, timeoutMs)
  signal.addEventListener('abort', end, { once: true })
  try {
    const result = await child
    return isEnded ? undefined : (result.exitCode ?? 128)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    endGroup(child.pid)
    output.end()
    await finished(output).catch(() => undefined)
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
