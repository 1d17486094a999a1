/** Every process of the machine as it is just now, read in one pass: from /proc, elsewhere from ps. */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { execa } from 'execa'
import { sleep } from '../kernel/abort.ts'

export interface Process {
  readonly pid: number
  /** Tells it from another process that gets its number later, as far as the system tells. */
  readonly mark: string
  readonly parent: number
  /** Of the terminal session that it belongs to; 0 where the system does not tell. */
  readonly session: number
  readonly memoryBytes: number
  /** Of the process itself, and of those of its children that have ended and been waited for. Milliseconds. */
  readonly cpuMs: number
  /** By the machine's own count since its start, which nobody sets. Milliseconds. */
  readonly ageMs: number
}
export type ProcessTable = ReadonlyMap<number, Process>

const IS_LINUX = process.platform === 'linux'
/** USER_HZ, the same on every architecture that Node runs on. */
const TICK_MS = 10
const BATCH = 200

/** Many agents that are ended together share a look. */
const TOGETHER_MS = 3

let pageBytes: Promise<number> | undefined
let next: Promise<ProcessTable> | undefined

/** As they are after the call. */
export function readProcesses(): Promise<ProcessTable> {
  next ??= sleep(TOGETHER_MS).then(readAll)
  return next
}

async function readAll(): Promise<ProcessTable> {
  next = undefined
  const processes = IS_LINUX ? await readProc() : await readPs()
  return new Map(processes.map(process => [process.pid, process]))
}

async function readProc(): Promise<Process[]> {
  pageBytes ??= execa('getconf', ['PAGESIZE'], { reject: false }).then(({ stdout }) => Number(stdout) || 4096)
  const pageSize = await pageBytes
  const upMs = Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000
  const found: Process[] = []
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  for (const [index, pid] of pids.entries()) {
    // Synchronous, as each is a read from memory; but not all in one go, so that nobody else waits for long.
    if (index % BATCH === BATCH - 1) await sleep(0)
    const process = readStat(pid, pageSize, upMs)
    if (process) found.push(process)
  }
  return found
}

/** Undefined when it is gone, or a zombie, of which only the number is left. */
function readStat(pid: string, pageSize: number, upMs: number): Process | undefined {
  const text = readShort(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // A program's name may hold blanks and brackets: the fields begin after the last of these.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z') return undefined
  const number = (index: number) => Number(fields[index])
  return {
    pid: Number(pid),
    mark: `${pid}:${fields[19]}`,
    parent: number(1),
    session: number(3),
    memoryBytes: number(21) * pageSize,
    cpuMs: (number(11) + number(12) + number(13) + number(14)) * TICK_MS,
    ageMs: upMs - number(19) * TICK_MS,
  }
}

/** A line of numbers is far shorter. */
const page = Buffer.alloc(4096)

/** In three calls of the system, and with no buffer of its own for each of hundreds of processes. Undefined when there is none. */
function readShort(path: string): string | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return undefined
  }
  try {
    return page.toString('latin1', 0, readSync(file, page, 0, page.length, 0))
  } catch {
    return undefined
  } finally {
    closeSync(file)
  }
}

async function readPs(): Promise<Process[]> {
  const { stdout } = await execa('ps', ['-axo', 'pid=,ppid=,rss=,time=,etime=,stat='], { reject: false })
  return stdout.split('\n').flatMap(line => {
    const [pid, parent, rss, time, age, stat] = line.trim().split(/\s+/)
    if (pid === undefined || stat === undefined || stat.startsWith('Z')) return []
    const memoryBytes = Number(rss) * 1024
    return [
      {
        ...{ pid: Number(pid), mark: pid, parent: Number(parent), session: 0, memoryBytes },
        ...{ cpuMs: psTime(time!), ageMs: psTime(age!) },
      },
    ]
  })
}

/** `2-03:04:05`, `03:04:05`, `04:05.67`. */
function psTime(text: string): number {
  const [clock = '', days = '0'] = text.split('-').reverse()
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return (Number(days) * 86_400 + seconds) * 1000
}

/** Memory that the processes hold, each shared page counted by its share; undefined where the system does not tell. */
export function sharedOutMemory(pids: readonly number[]): number | undefined {
  let sum = 0
  for (const pid of pids) {
    try {
      const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))
      sum += Number(pss?.[1] ?? 0) * 1024
    } catch (error) {
      // It has just ended, or there is no such file here.
      if (!IS_LINUX || (error as NodeJS.ErrnoException).code === 'EACCES') return undefined
    }
  }
  return sum
}
