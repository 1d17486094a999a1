/** What running agents use of the machine, and of what they may have in a day. */
import type { Roster } from '../agencies/roster.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Drivers } from '../drivers/driver.ts'
import type { Clock } from '../kernel/clock.ts'
import { isAlive } from '../kernel/process.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type Amounts, dayOf, type LimitKind, limitsOf } from '../model/agentLimits.ts'
import { members } from '../model/definition.ts'
import { familyOf } from './family.ts'
import { type ProcessTable, readProcesses, sharedOutMemory } from './processTable.ts'
import { observeRun, runFolder } from './runFolder.ts'
import { TokenCount } from './tokenCount.ts'

export interface UsageParts {
  readonly workspace: Workspace
  readonly roster: Roster
  readonly drivers: Drivers
  readonly clock: Clock
}

/** A pass over all processes is for all agents, and no more often than this. */
const MEASURE_EVERY_MS = 5_000
const OF_THE_MACHINE: readonly LimitKind[] = ['memory', 'cpu', 'wallClock']

export class UsageMeter {
  readonly #tokens = new TokenCount()
  #table: { readonly processes: ProcessTable; readonly at: number } | undefined

  constructor(private readonly parts: UsageParts) {}

  limits(record: AgentRecord): Amounts {
    const definition = this.parts.roster.definitions.get(record.agency)
    const agent = definition && members(definition).find(({ name }) => name === record.name)
    return limitsOf(definition?.limits, agent?.limits)
  }

  /** As it was measured within the last seconds; only of what is limited, so that without limits nothing is read. */
  async of(record: AgentRecord): Promise<Amounts> {
    const limits = this.limits(record)
    const isOfMachine = OF_THE_MACHINE.some(kind => limits[kind] !== undefined)
    const machine = isOfMachine && record.pid !== undefined ? await this.#ofMachine(record, limits.memory) : {}
    const messages = limits.messagesPerDay === undefined ? {} : { messagesPerDay: this.#messages(record) }
    return { ...machine, ...messages, ...(limits.tokensPerDay === undefined ? {} : await this.#tokensOf(record)) }
  }

  /** All that can be told, just now. */
  async now(record: AgentRecord): Promise<Amounts> {
    this.#table = undefined
    const machine = record.pid === undefined ? {} : await this.#ofMachine(record, 0)
    return { ...machine, messagesPerDay: this.#messages(record), ...(await this.#tokensOf(record)) }
  }

  async canTellTokens(record: AgentRecord): Promise<boolean> {
    const driver = await this.parts.drivers.get(record.driver)
    return driver.tellsTokens
  }

  async #ofMachine(record: AgentRecord, memoryLimit: number | undefined): Promise<Amounts> {
    const { pid } = record
    if (pid === undefined || !isAlive(pid)) return {}
    const { program, runnerPid } = await observeRun(runFolder(this.parts.workspace, record.address))
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

  async #processes(): Promise<ProcessTable> {
    const at = performance.now()
    if (this.#table && at - this.#table.at < MEASURE_EVERY_MS) return this.#table.processes
    const processes = await readProcesses()
    this.#table = { processes, at }
    return processes
  }

  #messages({ spent }: AgentRecord): number {
    return spent?.day === dayOf(this.parts.clock.now()) ? spent.messages : 0
  }

  async #tokensOf(record: AgentRecord): Promise<Amounts> {
    if (record.transcript === undefined || !(await this.canTellTokens(record))) return {}
    return { tokensPerDay: await this.#tokens.today(record.transcript, dayOf(this.parts.clock.now())) }
  }
}
