/** Keeps every agent as its files say: observes, judges, and has started again what ended. */
import type { AgentRecord } from '../model/agent.ts'
import { afterDeath, judge } from '../model/supervision.ts'
import type { Snapshot } from '../terminal/terminal.ts'
import type { SupervisorParts } from './parts.ts'
import { NOTHING, type Sight } from './sight.ts'
import { limitsOf, type Starter } from './starter.ts'

/** A program whose hooks tell everything is believed to be starting until one speaks, or until its screen has to be read. */
const HOOK_PATIENCE_MS = 3_000

export class Supervisor {
  constructor(
    private readonly parts: SupervisorParts,
    private readonly sight: Sight,
    private readonly starter: Starter,
  ) {}

  /** One look at everything. Never throws for one agent's sake. */
  async tick(): Promise<void> {
    const { roster, log } = this.parts
    const wanted = [...roster.agencies.values()].filter(agency => agency.desired === 'running')
    if (wanted.length === 0) return
    const snapshot = await this.sight.look()
    for (const agency of wanted) {
      if (this.starter.busy.isHeld(agency.name)) continue
      for (const record of roster.agentsOf(agency.name)) {
        if (record.desired !== 'running') continue
        try {
          await this.#tend(record, snapshot)
        } catch (error) {
          log.error({ err: error, agent: record.address }, 'an agent could not be tended')
        }
      }
    }
  }

  async #tend(record: AgentRecord, snapshot: Snapshot): Promise<void> {
    const { roster, clock } = this.parts
    const pane = this.starter.launcher.paneOf(snapshot, record.address)
    const seen = await this.parts.runs.observe(record.address)
    // While this looked, a start, a stop or a hook may have changed the agent: what was seen is then of one that is no more.
    const isOutdated = () => this.starter.busy.isHeld(record.agency) || roster.agents.get(record.address) !== record
    if (isOutdated()) return
    const facts = judge(
      record,
      {
        ...seen,
        hasServer: snapshot !== NOTHING,
        hasSession: this.starter.launcher.sessionOf(snapshot, record.agency) !== undefined,
        pane,
      },
      clock.now(),
    )
    const place = { pane: pane?.id, panePid: pane?.pid, serverPid: snapshot.serverPid || undefined }
    if (facts.kind === 'starting') return
    if (facts.kind === 'running') {
      const isBack = record.state === 'dead'
      const reading =
        isBack || (record.state === 'starting' && (await this.#startsReady(record)))
          ? await this.sight.firstReading(record, facts.pid)
          : { state: record.state, rule: record.rule, evidence: record.evidence }
      if (isOutdated()) return
      // A daemon that died before it had recorded this start left its number to be found here.
      const instance = Math.max(record.instance, seen.program?.instance ?? 0)
      await roster.observe(record.address, reading, clock.now(), { ...place, pid: facts.pid, instance })
      return
    }
    // Our runner's process id is written a moment after tmux shows it, and a person may give the pane back.
    const isOursAgain = record.rule === 'pane taken over' && facts.remedy === 'start-program'
    if (record.state !== 'dead' || isOursAgain) {
      const exit =
        seen.exit?.instance === record.instance ? { status: seen.exit.status, at: clock.now() } : record.lastExit
      const { deaths, nextStartAt } =
        facts.remedy === 'person'
          ? { deaths: record.deaths, nextStartAt: undefined }
          : afterDeath(record, clock.now(), limitsOf(this.parts.settings))
      await roster.observe(record.address, facts.reading, clock.now(), {
        ...place,
        // Whoever took the pane over is not our runner, however often it is looked at.
        panePid: record.panePid,
        pid: undefined,
        deaths,
        nextStartAt,
        lastExit: exit,
      })
    }
    const dead = roster.agent(record.address)
    if (facts.remedy === 'person' || dead.nextStartAt === undefined || dead.nextStartAt > clock.now()) return
    await this.starter.busy.run(record.agency, async () => {
      if (roster.agents.get(record.address) === dead)
        await this.starter.revive(dead, facts.remedy === 'open-pane', await this.sight.look())
    })
  }

  async #startsReady(record: AgentRecord): Promise<boolean> {
    const driver = await this.parts.drivers.get(record.driver)
    return !driver.hasHooks || this.parts.clock.now() - record.since > HOOK_PATIENCE_MS
  }
}
