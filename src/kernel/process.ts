/** Processes by their number: whether one is there, and how it is ended. */
import { readFileSync } from 'node:fs'
import { until } from './abort.ts'

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
