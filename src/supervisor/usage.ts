/** What running agents use of the machine, and of what they may have in a day. */
import type { Roster } from '../agencies/roster.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Drivers } from '../drivers/driver.ts'
import type { Clock } from '../kernel/clock.ts'
import { isAlive } from '../kernel/process.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type Amounts, dayOf, type LimitKind, limitsOf } from '../model/agentLimits.ts'
import { type Definition, members } from '../model/definition.ts'
import { familyOf } from './family.ts'
import { type ProcessTable, readProcesses, sharedOutMemory } from './processTable.ts'
import { observeRun, runFolder } from './runFolder.ts'
import type { RunFacts } from './runWatch.ts'
import { TokenCount } from './tokenCount.ts'

export interface UsageParts {
  readonly workspace: Workspace
  readonly roster: Roster
  readonly drivers: Drivers
  readonly clock: Clock
}

/** What is used is measured once in a round as long as this: a pass over all processes is for all agents. */
const ROUND_MS = 5_000
const OF_THE_MACHINE: readonly LimitKind[] = ['memory', 'cpu', 'wallClock']

export class UsageMeter {
  readonly #tokens = new TokenCount()
  /** Asked for at every look at every agent, and changed by an edit alone, which makes another definition. */
  readonly #limits = new WeakMap<Definition, ReadonlyMap<string, Amounts>>()
  #table: { readonly processes: Promise<ProcessTable>; readonly round: number } | undefined

  constructor(private readonly parts: UsageParts) {}

  /** Within one round nothing new is measured. */
  get round(): number {
    return Math.floor(performance.now() / ROUND_MS)
  }

  /** The same object for as long as its definition is not edited. */
  limits(record: AgentRecord): Amounts {
    const definition = this.parts.roster.definitions.get(record.agency)
    return (definition && this.#limitsIn(definition).get(record.name)) ?? limitsOf(definition?.limits, undefined)
  }

  #limitsIn(definition: Definition): ReadonlyMap<string, Amounts> {
    const known = this.#limits.get(definition)
    if (known) return known
    const read = new Map(members(definition).map(({ name, limits }) => [name, limitsOf(definition.limits, limits)]))
    this.#limits.set(definition, read)
    return read
  }

  /** As it was measured within the last seconds; only of what is limited, so that without limits nothing is read. */
  async of(record: AgentRecord, run: RunFacts): Promise<Amounts> {
    const limits = this.limits(record)
    const isOfMachine = OF_THE_MACHINE.some(kind => limits[kind] !== undefined)
    const machine = isOfMachine && record.pid !== undefined ? await this.#ofMachine(record, run, limits.memory) : {}
    const messages = limits.messagesPerDay === undefined ? {} : { messagesPerDay: this.#messages(record) }
    return { ...machine, ...messages, ...(limits.tokensPerDay === undefined ? {} : await this.#tokensOf(record)) }
  }

  /** All that can be told, just now. */
  async now(record: AgentRecord): Promise<Amounts> {
    this.#table = undefined
    const run = await observeRun(runFolder(this.parts.workspace, record.address))
    const machine = record.pid === undefined ? {} : await this.#ofMachine(record, run, 0)
    return { ...machine, messagesPerDay: this.#messages(record), ...(await this.#tokensOf(record)) }
  }

  async canTellTokens(record: AgentRecord): Promise<boolean> {
    const driver = await this.parts.drivers.get(record.driver)
    return driver.tellsTokens
  }

  async #ofMachine(
    { pid }: AgentRecord,
    { program, runnerPid }: RunFacts,
    memoryLimit: number | undefined,
  ): Promise<Amounts> {
    if (pid === undefined || !isAlive(pid)) return {}
    const table = await this.#processes()
    // What was measured of an earlier start says nothing of this one.
    if (program?.pid !== pid || !table.has(pid)) return {}
    const family = familyOf(table, { program: pid, runner: runnerPid })
    const cpu = family.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
    const resident = family.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)
    // Pages that several of them share are counted once for each: before anything is ended for it, they are shared out.
    const isOver = memoryLimit !== undefined && resident > memoryLimit
    const memory = isOver ? (sharedOutMemory(family.map(member => member.pid)) ?? resident) : resident
    return { memory, cpu, wallClock: table.get(pid)!.ageMs }
  }

  #processes(): Promise<ProcessTable> {
    const { round } = this
    if (this.#table?.round !== round) this.#table = { processes: readProcesses(), round }
    return this.#table.processes
  }

  #messages({ spent }: AgentRecord): number {
    return spent?.day === dayOf(this.parts.clock.now()) ? spent.messages : 0
  }

  async #tokensOf(record: AgentRecord): Promise<Amounts> {
    if (record.transcript === undefined || !(await this.canTellTokens(record))) return {}
    return { tokensPerDay: await this.#tokens.today(record.transcript, dayOf(this.parts.clock.now())) }
  }
}
