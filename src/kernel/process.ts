/** Processes by their number: whether one is there, and how it is ended. */
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
    if (await until(() => !isAlive(pid), { timeoutMs: graceMs, everyMs: 20 })) return
  }
}
