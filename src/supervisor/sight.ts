/** What is seen of the terminal just now: its sessions and panes, and what an agent's screen says. */
import type { Driver, ScreenReading } from '../drivers/driver.ts'
import { sleep } from '../kernel/abort.ts'
import { AgencyError } from '../kernel/errors.ts'
import { isAlive } from '../kernel/process.ts'
import type { AgentRecord, Reading } from '../model/agent.ts'
import { limitEnd } from '../model/resetTime.ts'
import type { PaneId, Snapshot } from '../terminal/terminal.ts'
import type { SupervisorParts } from './parts.ts'

/** As good as empty: there is no server. */
export const NOTHING: Snapshot = { serverPid: 0, sessions: [], panes: [] }

/** A screen that was read within this time is believed. */
const READ_EVERY_MS = 100
/** All screens are asked for at once: a hundred answer within a few milliseconds. */
const READ_WAIT_MS = 50

export class Sight {
  #snapshot: Snapshot | undefined
  readonly #readAt = new Map<string, number>()

  constructor(private readonly parts: Pick<SupervisorParts, 'terminal' | 'roster' | 'drivers' | 'clock' | 'log'>) {}

  /** The terminal as it is now, or as good as empty when there is no server. */
  async look(): Promise<Snapshot> {
    const { terminal, roster, log } = this.parts
    if (!terminal.isConnected) {
      // Connecting would start a server. After a loss that is for `agency up`; a server that lives has only lost our client.
      const serverPid =
        this.#snapshot?.serverPid ?? [...roster.agents.values()].find(agent => agent.serverPid)?.serverPid
      if (serverPid === undefined || !isAlive(serverPid)) return NOTHING
    }
    try {
      // A server that is just ending still has its process: it must not be started again by our asking.
      if (!terminal.isConnected) await terminal.connect({ mayStart: false })
      this.#snapshot = await terminal.snapshot()
      return this.#snapshot
    } catch (error) {
      if (!(error instanceof AgencyError)) throw error
      log.warn({ err: error.message }, 'the tmux server is gone')
      return NOTHING
    }
  }

  /** Keeps a snapshot that was taken while something was made. */
  keep(snapshot: Snapshot): void {
    this.#snapshot = snapshot
  }

  /** What a program is taken for that has just been seen to run. */
  async firstReading(record: AgentRecord, pid: number): Promise<Reading> {
    const driver = await this.parts.drivers.get(record.driver)
    if (driver.doors.includes('process')) return { state: 'ready', rule: 'process', evidence: `process ${pid} runs` }
    if (driver.doors.length === 0)
      return { state: 'shell', rule: 'process', evidence: `process ${pid} runs; nothing is typed into it` }
    return this.readScreen(record, driver)
  }

  /** What an agent does just now; undefined where its hooks or its process tell all there is. */
  async freshReading(record: AgentRecord): Promise<Reading | undefined> {
    const driver = await this.parts.drivers.get(record.driver)
    const reading = driver.hasHooks ? undefined : await this.lookAt(record, driver)
    return reading && justReading(reading)
  }

  /** What the agent's screen says just now; undefined when it has none that its driver can read. */
  async lookAt(record: AgentRecord, driver: Driver): Promise<ScreenReading | undefined> {
    if (!record.pane || record.state === 'dead' || !driver.doors.includes('typing') || !this.parts.terminal.isConnected)
      return undefined
    const screen = await this.parts.terminal.capture(record.pane as PaneId).catch(() => undefined)
    return screen && driver.readScreen(screen, this.parts.clock.now(), record.limitedUntil)
  }

  /**
   * Reads the screens of agents whose hooks do not tell everything, so that a status is true when it is shown. Each is read at most so
   * often, and a server that is slow to answer is waited for no longer than a moment: what it says later counts for the next time.
   */
  async refresh(): Promise<void> {
    const now = performance.now()
    const due = [...this.parts.roster.agents.values()].filter(
      ({ address, state }) => state !== 'starting' && now - (this.#readAt.get(address) ?? 0) >= READ_EVERY_MS,
    )
    const reading = Promise.all(due.map(record => this.#readAgain(record, now)))
    const patience = new AbortController()
    await Promise.race([reading, sleep(READ_WAIT_MS, patience.signal)])
    patience.abort()
  }

  async #readAgain(record: AgentRecord, at: number): Promise<void> {
    const { roster, drivers, clock } = this.parts
    const driver = await drivers.get(record.driver).catch(() => undefined)
    if (!driver || (driver.hasHooks && record.state !== 'unknown')) return
    const reading = await this.lookAt(record, driver)
    if (!reading) return
    this.#readAt.set(record.address, at)
    const now = roster.agents.get(record.address)
    // Meanwhile it may have been stopped, or started anew.
    if (!now || now.state === 'dead' || now.state === 'stopped' || now.instance !== record.instance) return
    await roster.observe(record.address, justReading(reading), clock.now(), {
      // What is over is remembered: its banner may stay on the screen.
      ...(reading.state === 'limited' ? { limitedUntil: limitEnd(now, reading.limitedUntil, clock.now()) } : {}),
    })
  }

  async readScreen(record: AgentRecord, driver: Driver): Promise<Reading> {
    if (!record.pane) return { state: 'starting', rule: 'no pane yet', evidence: '' }
    const screen = await this.parts.terminal.capture(record.pane as PaneId)
    const reading = driver.readScreen(screen, this.parts.clock.now(), record.limitedUntil)
    if (reading.state === 'unknown' && record.state === 'starting')
      return { state: 'starting', rule: reading.rule, evidence: reading.evidence }
    return justReading(reading)
  }
}

/** What a dialog asks is the evidence that it is open. */
function justReading({ state, rule, evidence, question }: ScreenReading): Reading {
  return { state, rule, evidence: question ?? evidence }
}
