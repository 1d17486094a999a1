/** Processes by their number: whether one is there, and how it is ended. */
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { sleep, until } from './abort.ts'

/** When a command has ended, what it left behind may hold its output open for ever. */
const LEFTOVERS_MS = 1_000

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Whether it still runs. A process that has ended answers as one that lives until its parent has asked how, and an init may
 * take a second over that; where there is no /proc (macOS), it counts for that long.
 */
export function isRunning(pid: number): boolean {
  if (!isAlive(pid)) return false
  try {
    // The state stands behind the program's name, which may hold anything.
    return !/^[ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!)
  } catch {
    return isAlive(pid)
  }
}

/** Ends whatever lives of a process group at once. */
export function endGroup(leader: number | undefined): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // None of it lives any more.
  }
}

/**
 * Ends a command that leads a group of its own when it takes longer, with all that it has started: what a killed command leaves
 * behind holds its output open, and would be waited for.
 */
export function endAfter(child: { readonly pid?: number | undefined }, timeoutMs: number) {
  let isOver = false
  const timer = setTimeout(() => {
    isOver = true
    endGroup(child.pid)
  }, timeoutMs)
  return { isOver: () => isOver, clear: () => clearTimeout(timer) }
}

/** Asks it to end, makes it end after `graceMs`, and waits as long again. */
export async function endProcess(pid: number, graceMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
    if (await until(() => !isRunning(pid), { timeoutMs: graceMs, everyMs: 20 })) return
  }
}

/**
 * The exit status of a command that leads a group of its own, 127 when there is no such program. What it has started ends with
 * it; what has left its group is not waited for.
 */
export async function statusOfGroup(child: ChildProcess): Promise<number> {
  const output = new Promise<void>(resolve => child.once('close', () => resolve()))
  const status = await new Promise<number>(resolve => {
    child.once('exit', code => resolve(code ?? 128))
    child.once('error', () => resolve(127))
  })
  endGroup(child.pid)
  await Promise.race([output, sleep(LEFTOVERS_MS)])
  for (const stream of [child.stdout, child.stderr]) stream?.destroy()
  return status
}
