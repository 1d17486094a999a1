/** Which processes belong to an agent: its program, what that has started, and what is left of these when it is gone. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../kernel/abort.ts'
import { endProcess, isRunning } from '../kernel/process.ts'
import { type Process, type ProcessTable, readProcesses } from './processTable.ts'

export interface FamilyHeads {
  /** Undefined when none was written down. */
  readonly program: number | undefined
  /** It leads the session of its pane. */
  readonly runner: number | undefined
}

export interface Family extends FamilyHeads {
  readonly address: string
  readonly runFolder: string
  /** Its head is bwrap, which passes no signal on. */
  readonly isWalled?: boolean
}

/**
 * Everything that descends from the program, and everything in its pane's session but the runner and the runner's own tools.
 * What has left both, by a session and a parent of its own, cannot be told from anybody's daemon and is not counted.
 */
export function familyOf(table: ProcessTable, { program, runner }: FamilyHeads): readonly Process[] {
  const { byParent, bySession } = groupsOf(table)
  const found = new Map<number, Process>()
  const add = (member: Process) => {
    if (found.has(member.pid) || member.pid === runner || member.pid === process.pid) return
    found.set(member.pid, member)
    for (const child of byParent.get(member.pid) ?? []) add(child)
  }
  const root = program === undefined ? undefined : table.get(program)
  if (root) add(root)
  if (runner) for (const entry of bySession.get(runner) ?? []) if (entry.parent !== runner) add(entry)
  return [...found.values()]
}

interface Groups {
  readonly byParent: ReadonlyMap<number, readonly Process[]>
  readonly bySession: ReadonlyMap<number, readonly Process[]>
}

/** One table is asked for the families of many agents. */
const groups = new WeakMap<ProcessTable, Groups>()

function groupsOf(table: ProcessTable): Groups {
  const known = groups.get(table)
  if (known) return known
  const made = { byParent: groupBy(table, ({ parent }) => parent), bySession: groupBy(table, ({ session }) => session) }
  groups.set(table, made)
  return made
}

function groupBy(table: ProcessTable, key: (entry: Process) => number): Map<number, Process[]> {
  const found = new Map<number, Process[]>()
  for (const entry of table.values()) {
    const group = found.get(key(entry))
    if (group) group.push(entry)
    else found.set(key(entry), [entry])
  }
  return found
}

/** Ends the program, asked first and made to after `graceMs`, and then in the same way whatever of its family is left. Strangers are left alone. */
export async function endFamily(of: Family, graceMs: number): Promise<void> {
  // It was never started, and a look at every process of the machine would find nothing.
  if (of.program === undefined && of.runner === undefined) return
  const before = await ownFamily(of)
  if (before.length === 0) return
  if (before.some(({ pid }) => pid === of.program)) {
    if (of.isWalled) await askInside(before, of.program!, graceMs)
    await endProcess(of.program!, graceMs)
  }
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const table = await readProcesses()
    const left = before.filter(({ pid, mark }) => table.get(pid)?.mark === mark)
    const members = [...new Set([...left, ...(await ownFamily(of, table))].map(({ pid }) => pid))]
    if (members.length === 0) return
    for (const pid of members) sendSignal(pid, signal)
    await until(() => members.every(pid => !isRunning(pid)), { timeoutMs: graceMs, everyMs: 20 })
  }
}

/** Below bwrap stands the first process behind the wall, and below that the program: with its end all of it ends. */
async function askInside(family: readonly Process[], head: number, graceMs: number): Promise<void> {
  const first = new Set(family.filter(({ parent }) => parent === head).map(({ pid }) => pid))
  for (const { pid, parent } of family) if (first.has(parent)) sendSignal(pid, 'SIGTERM')
  await until(() => !isRunning(head), { timeoutMs: graceMs, everyMs: 20 })
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}

/** Numbers are passed on: after a restart of the machine, and when a runner is gone. What cannot be shown to be the agent's is left out. */
async function ownFamily(of: Family, read?: ProcessTable): Promise<readonly Process[]> {
  const { program, runner, address, runFolder } = of
  const table = read ?? (await readProcesses())
  const isOwn = async (pid: number | undefined, file: string) =>
    pid !== undefined && table.has(pid) && (await isOurs(pid, address, join(runFolder, file)))
  const ownProgram = (await isOwn(program, 'pid')) ? program : undefined
  const ownRunner = (await isOwn(runner, 'runner')) ? runner : undefined
  const sure = familyOf(table, { program: ownProgram, runner: ownRunner })
  if (ownRunner !== undefined) return sure
  const others = familyOf(table, { program: undefined, runner }).filter(member => !sure.includes(member))
  const isTheirs = await Promise.all(others.map(({ pid }) => isOurs(pid, address)))
  return [...sure, ...others.filter((_, index) => isTheirs[index])]
}

/** Linux tells a process's environment; elsewhere it has to have begun about when it wrote its number into `file`. */
async function isOurs(pid: number, address: string, file?: string): Promise<boolean> {
  if (process.platform !== 'linux') return file !== undefined && beganWhenWritten(pid, file)
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
  return environment.split('\0').includes(`AGENCY_AGENT=${address}`)
}

const CLOCKS_DIFFER_MS = 5_000

/** Exported for its test on systems that tell the environment too. */
export async function beganWhenWritten(pid: number, file: string): Promise<boolean> {
  const written = await stat(file).catch(() => undefined)
  const found = (await readProcesses()).get(pid)
  if (!written || !found) return false
  return Math.abs(Date.now() - found.ageMs - written.mtimeMs) < CLOCKS_DIFFER_MS
}
