/** Keeps every agent as its files say: observes, plans, and applies. What takes long is done beside the tick, so that nobody waits for another. */
import type { JsonObject } from '../kernel/json.ts'
import { isAlive } from '../kernel/process.ts'
import type { AgentRecord, Reading } from '../model/agent.ts'
import type { Amounts } from '../model/agentLimits.ts'
import { findHold } from '../model/holds.ts'
import { SYSTEM } from '../model/names.ts'
import { needsNothing, plan, type Sighting, type Step, type Told } from '../model/supervisionPlan.ts'
import type { Pane, Snapshot } from '../terminal/terminal.ts'
import type { SupervisorParts } from './parts.ts'
import type { RunFacts } from './runWatch.ts'
import { NOTHING, type Sight } from './sight.ts'
import { rulesOf, type Starter } from './starter.ts'
import type { UsageMeter } from './usage.ts'

export interface SupervisorExtras {
  readonly sight: Sight
  readonly starter: Starter
  readonly usage: UsageMeter
  /** Messages that were handed to an agent and that it still has to take or to acknowledge. */
  readonly unanswered: (address: string) => Promise<number>
}

/** A program whose hooks tell everything is believed to be starting until one speaks, or until its screen has to be read. */
const HOOK_PATIENCE_MS = 3_000
/** What is due later is looked up again by an ordinary tick. */
const ALARM_WITHIN_MS = 60_000

type Seen = Sighting & {
  readonly instance: number
  readonly pane: Pane | undefined
  /** What its run folder says, while nothing has been heard since. */
  readonly run: RunFacts | undefined
  /** In which use was measured. */
  readonly round: number
}

interface Settled {
  readonly pane: Pane | undefined
  readonly run: RunFacts
  readonly limits: Amounts
  readonly round: number
}

export class Supervisor {
  /** Agents at whom something that takes long is being done. */
  readonly #atWork = new Map<string, Promise<void>>()
  /** Agencies in which something is started or stopped, and which are looked at when that is done. */
  readonly #awaited = new Set<string>()
  readonly #listeners = new Set<() => void>()
  /** Agents that needed nothing, and what was seen of them then: while all of that is the same they are passed over. */
  readonly #settled = new WeakMap<AgentRecord, Settled>()
  #alarm: NodeJS.Timeout | undefined

  constructor(private readonly parts: SupervisorParts & SupervisorExtras) {}

  /** Called when there is something to tick for before the next ordinary one. */
  onDue(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /** One look at everything. Never throws for one agent's sake. */
  async tick(): Promise<void> {
    const { roster, sight } = this.parts
    const isWanted = (agency: string) => roster.agencies.get(agency)?.desired === 'running'
    if (![...roster.agencies.keys()].some(isWanted)) return
    const snapshot = await sight.look()
    const records = [...roster.agents.values()].filter(
      ({ agency, desired }) => desired === 'running' && isWanted(agency),
    )
    await Promise.all(
      records.filter(record => !this.#isSettled(record, snapshot)).map(record => this.#tend(record, snapshot)),
    )
    this.#setAlarm()
  }

  /** Resolves when nothing is being done beside a tick. */
  async settle(): Promise<void> {
    clearTimeout(this.#alarm)
    await Promise.all(this.#atWork.values())
  }

  #isSettled(record: AgentRecord, snapshot: Snapshot): boolean {
    const { runs, starter, usage } = this.parts
    const found = this.#settled.get(record)
    return (
      found?.run.program !== undefined &&
      found.run === runs.known(record.address) &&
      found.pane === starter.launcher.paneOf(snapshot, record.address) &&
      starter.launcher.sessionOf(snapshot, record.agency) !== undefined &&
      found.limits === usage.limits(record) &&
      (found.round === usage.round || Object.keys(found.limits).length === 0) &&
      !starter.busy.isHeld(record.agency) &&
      isAlive(found.run.program.pid)
    )
  }

  async #tend(record: AgentRecord, snapshot: Snapshot): Promise<void> {
    const { starter, log, clock, settings, roster } = this.parts
    const { address, agency } = record
    if (this.#atWork.has(address)) return
    if (starter.busy.isHeld(agency)) return this.#whenFree(agency)
    try {
      const seen = await this.#observe(record, snapshot)
      // While this looked, a start, a stop or a hook may have changed the agent: what was seen is then of one that is no more.
      if (starter.busy.isHeld(agency)) return this.#whenFree(agency)
      if (roster.agents.get(address) !== record) return this.#tell()
      let planned: AgentRecord | undefined = record
      for (const step of plan(record, seen, clock.now(), rulesOf(settings))) {
        // Planned for this very record: what somebody has said meanwhile, such as a pause, must not be written over.
        if (planned === undefined || roster.agents.get(address) !== planned) return this.#tell()
        planned = await this.#apply(planned, step, seen, snapshot)
      }
      if (planned === record && needsNothing(record, seen)) this.#settle(record, seen)
    } catch (error) {
      log.error({ err: error, agent: address }, 'an agent could not be tended')
    }
  }

  #settle(record: AgentRecord, { pane, run, limits, round }: Seen): void {
    if (run) this.#settled.set(record, { pane, run, limits, round })
  }

  async #observe(record: AgentRecord, snapshot: Snapshot): Promise<Seen> {
    const { runs, starter, usage, unanswered, sight } = this.parts
    const { round } = usage
    const found = await runs.observe(record.address)
    const run = runs.known(record.address)
    const isDraining = findHold(record, 'draining') !== undefined
    return {
      ...found,
      ...{ run, round },
      instance: found.program?.instance ?? 0,
      hasServer: snapshot !== NOTHING,
      hasSession: starter.launcher.sessionOf(snapshot, record.agency) !== undefined,
      pane: starter.launcher.paneOf(snapshot, record.address),
      limits: usage.limits(record),
      used: await usage.of(record, found),
      unanswered: isDraining ? await unanswered(record.address) : 0,
      reading: isDraining ? await sight.freshReading(record) : undefined,
    }
  }

  /** Returns the record as the step has left it, when further ones may follow. */
  async #apply(record: AgentRecord, step: Step, seen: Seen, snapshot: Snapshot): Promise<AgentRecord | undefined> {
    const { roster, starter, clock } = this.parts
    const { address } = record
    const place = { pane: seen.pane?.id, panePid: seen.pane?.pid, serverPid: snapshot.serverPid || undefined }
    if (step.do === 'live') {
      const reading = await this.#readingOf(record, step.pid)
      if (starter.busy.isHeld(record.agency) || roster.agents.get(address) !== record) return undefined
      // A daemon that died before it had recorded this start left its number to be found here.
      const instance = Math.max(record.instance, seen.instance)
      return roster.observe(address, reading, clock.now(), { ...place, pid: step.pid, instance })
    }
    if (step.do === 'bury') {
      // Whoever took the pane over is not our runner, however often it is looked at.
      const change = { ...place, panePid: record.panePid, ...step.change }
      const added = step.change.holds?.find(hold => !record.holds?.includes(hold))
      await roster.observe(address, step.reading, clock.now(), change)
      if (added) await this.#note(address, {}, { what: added.kind, why: added.why })
      this.#tell()
    } else if (step.do === 'note') {
      await this.#note(address, step.change, step.told)
      this.#tell()
    } else if (step.do === 'interrupt') {
      const { interruption, holds } = step
      if (record.interruption !== interruption)
        await this.#note(
          address,
          { interruption, holds },
          { what: `limit ${interruption.limit}`, why: interruption.why },
        )
      this.#inBackground(address, () => starter.launcher.endProgram(record))
    } else if (step.do === 'stop') {
      this.#inBackground(address, () => starter.stopDrained(address))
    } else {
      this.#inBackground(address, () => this.#start(record, step.needsPane))
    }
    return undefined
  }

  async #start(dead: AgentRecord, needsPane: boolean): Promise<void> {
    const { roster, starter, sight } = this.parts
    // What it has left behind may take its time to end: not while the whole agency waits.
    await starter.launcher.endProgram(dead)
    await starter.busy.run(dead.agency, async () => {
      const now = roster.agents.get(dead.address)
      if (now?.state !== 'dead' || now.desired !== 'running' || now.instance !== dead.instance) return
      await starter.revive(now, needsPane, await sight.look(), { isCleared: true })
    })
  }

  async #note(address: string, change: Partial<AgentRecord>, told: Told | undefined): Promise<void> {
    const { roster, clock } = this.parts
    const record = roster.agents.get(address)
    if (!record) return
    const metadata: JsonObject = { what: told?.what ?? '', why: told?.why ?? '' }
    const unit = { type: 'decision' as const, agent: SYSTEM, at: clock.now(), metadata }
    const payload = `${address}: ${told?.what}: ${told?.why}`
    await roster.saveAgent({ ...record, ...change }, told && { ...unit, payload })
  }

  /** As its record says, unless that cannot be: it was dead, it is starting, or the time of its usage limit is over. */
  async #readingOf(record: AgentRecord, pid: number): Promise<Reading> {
    const { state, rule, evidence } = record
    const isLimitOver = state === 'limited' && (record.limitedUntil ?? 0) <= this.parts.clock.now()
    const isDoubtful = state === 'dead' || state === 'starting' || isLimitOver
    if (isDoubtful && (await this.#isToBeRead(record))) return this.parts.sight.firstReading(record, pid)
    return { state, rule, evidence }
  }

  async #isToBeRead({ state, driver: name, since }: AgentRecord): Promise<boolean> {
    const driver = await this.parts.drivers.get(name)
    if (state === 'limited') return driver.doors.includes('typing')
    return state === 'dead' || !driver.hasHooks || this.parts.clock.now() - since > HOOK_PATIENCE_MS
  }

  #inBackground(address: string, work: () => Promise<unknown>): void {
    if (this.#atWork.has(address)) return
    const done = work()
      .catch(error => this.parts.log.error({ err: error, agent: address }, 'an agent could not be tended'))
      .then(() => {
        this.#atWork.delete(address)
        this.#tell()
      })
    this.#atWork.set(address, done)
  }

  #whenFree(agency: string): void {
    if (this.#awaited.has(agency)) return
    this.#awaited.add(agency)
    void this.parts.starter.busy
      .run(agency, async () => undefined)
      .then(() => {
        this.#awaited.delete(agency)
        this.#tell()
      })
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  /** The next start or end of a hold comes at its time, and not at the next tick after it. */
  #setAlarm(): void {
    const now = this.parts.clock.now()
    const times = [...this.parts.roster.agents.values()].flatMap(
      ({ desired, state, nextStartAt, limitedUntil, holds }) =>
        desired === 'running'
          ? [state === 'dead' ? nextStartAt : undefined, limitedUntil, ...(holds ?? []).map(({ until }) => until)]
          : [],
    )
    const next = Math.min(...times.filter(at => at !== undefined && at > now).map(Number))
    clearTimeout(this.#alarm)
    if (next - now < ALARM_WITHIN_MS) this.#alarm = setTimeout(() => this.#tell(), next - now + 1)
  }
}
