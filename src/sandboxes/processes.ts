/** Finds and ends what a sandbox's programs have left running, wherever it has gone: by the mark in its environment. */
import { readdirSync, readFileSync } from 'node:fs'
import { until } from '../kernel/abort.ts'

const END_MS = 3_000

/** Process numbers by mark, of every mark that begins so. Where the system does not tell (no /proc), none. */
export function markedProcesses(begin: string): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>()
  for (const name of pids()) {
    const mark = markOf(name)
    if (mark?.startsWith(begin) && Number(name) !== process.pid)
      found.set(mark, [...(found.get(mark) ?? []), Number(name)])
  }
  return found
}

/** Ends them all, those too that they start meanwhile. Returns how many would not end. */
export async function endMarked(mark: string): Promise<number> {
  const left = () => markedProcesses(mark).get(mark) ?? []
  await until(
    () => {
      const alive = left()
      for (const pid of alive) end(pid)
      return alive.length === 0
    },
    { timeoutMs: END_MS, everyMs: 20 },
  )
  return left().length
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function pids(): readonly string[] {
  try {
    return readdirSync('/proc').filter(name => /^\d+$/.test(name))
  } catch {
    return []
  }
}

/** Of somebody else's process, and of one that has just ended, nothing can be read. */
function markOf(pid: string): string | undefined {
  try {
    return /(?:^|\0)AGENCY_SANDBOX=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1]
  } catch {
    return undefined
  }
}
