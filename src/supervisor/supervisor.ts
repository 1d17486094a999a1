/** Keeps every agent as its files say: observes the terminal, judges, and starts again what ended. */
import { mkdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import type { Driver, ScreenReading } from '../drivers/driver.ts'
import { until } from '../kernel/abort.ts'
import { AgencyError } from '../kernel/errors.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import type { Log } from '../kernel/log.ts'
import type { AgentRecord, Reading } from '../model/agent.ts'
import { members } from '../model/definition.ts'
import { afterDeath, judge } from '../model/supervision.ts'
import type { Pane, PaneId, Snapshot } from '../terminal/terminal.ts'
import { Launcher, type LauncherParts } from './launcher.ts'
import { isAlive, observeRun, runFolder } from './runFolder.ts'
import type { RunWatch } from './runWatch.ts'

export interface SupervisorParts extends LauncherParts {
  readonly runs: RunWatch
  readonly settings: Settings
  readonly log: Log
}

export class Supervisor {
  readonly launcher: Launcher
  #snapshot: Snapshot | undefined
  // Starts and stops of one agency do not overlap, and no tick judges an agency that is half way.
  readonly #busy = new KeyedLock()

  constructor(private readonly parts: SupervisorParts) {
    this.launcher = new Launcher(parts)
  }

  /** One look at everything. Never throws for one agent's sake. */
  async tick(): Promise<void> {
    const { roster, log } = this.parts
    const wanted = [...roster.agencies.values()].filter(agency => agency.desired === 'running')
    if (wanted.length === 0) return
    const snapshot = await this.look()
    for (const agency of wanted) {
      if (this.#busy.isHeld(agency.name)) continue
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

  /** The terminal as it is now, or as good as empty when there is no server. */
  async look(): Promise<Snapshot> {
    const { terminal, roster, log } = this.parts
    if (!terminal.isConnected) {
      // Connecting would start a server. After a loss that is for `agency up`; a server that lives has only lost our client.
      const serverPid =
        this.#snapshot?.serverPid ?? [...roster.agents.values()].find(agent => agent.serverPid)?.serverPid
      if (serverPid === undefined || !isAlive(serverPid)) return EMPTY
    }
    try {
      // A server that is just ending still has its process: it must not be started again by our asking.
      if (!terminal.isConnected) await terminal.connect({ mayStart: false })
      this.#snapshot = await terminal.snapshot()
      return this.#snapshot
    } catch (error) {
      if (!(error instanceof AgencyError)) throw error
      log.warn({ err: error.message }, 'the tmux server is gone')
      return EMPTY
    }
  }

  async #tend(record: AgentRecord, snapshot: Snapshot): Promise<void> {
    const { roster, clock } = this.parts
    const pane = this.launcher.paneOf(snapshot, record.address)
    const seen = await this.parts.runs.observe(record.address)
    // While this looked, a start, a stop or a hook may have changed the agent: what was seen is then of one that is no more.
    const isOutdated = () => this.#busy.isHeld(record.agency) || roster.agents.get(record.address) !== record
    if (isOutdated()) return
    const facts = judge(
      record,
      {
        ...seen,
        hasServer: snapshot !== EMPTY,
        hasSession: this.launcher.sessionOf(snapshot, record.agency) !== undefined,
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
          ? await this.firstReading(record, facts.pid)
          : { state: record.state, rule: record.rule, evidence: record.evidence }
      if (isOutdated()) return
      await roster.observe(record.address, reading, clock.now(), { ...place, pid: facts.pid })
      return
    }
    if (record.state !== 'dead') {
      const exit =
        seen.exit?.instance === record.instance ? { status: seen.exit.status, at: clock.now() } : record.lastExit
      const { deaths, nextStartAt } =
        facts.remedy === 'person'
          ? { deaths: record.deaths, nextStartAt: undefined }
          : afterDeath(record, clock.now(), this.#limits())
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
    await this.#busy.run(record.agency, async () => {
      if (roster.agents.get(record.address) === dead)
        await this.#revive(dead, facts.remedy === 'open-pane', await this.look())
    })
  }

  async #revive(record: AgentRecord, needsPane: boolean, snapshot: Snapshot): Promise<void> {
    const { roster, clock } = this.parts
    try {
      // Under the same server no restart of the machine lies between: the process id is still that of our program.
      if (needsPane && record.serverPid === snapshot.serverPid) await this.launcher.endProgram(record)
      const prepared = await this.launcher.prepare(record)
      if (needsPane || !(await this.launcher.startInRunner(prepared))) await this.#openWindow(prepared, snapshot)
      else await this.#saveStarted(prepared)
    } catch (error) {
      const { deaths, nextStartAt } = afterDeath(record, clock.now(), this.#limits())
      const evidence = error instanceof Error ? error.message : String(error)
      await roster.saveAgent(
        { ...record, deaths, nextStartAt, rule: 'start failed', evidence },
        { type: 'agent-state', metadata: { state: 'dead', rule: 'start failed', evidence } },
      )
    }
  }

  async #openWindow(record: AgentRecord, snapshot: Snapshot): Promise<void> {
    const session = this.launcher.sessionOf(snapshot, record.agency)
    if (!session)
      throw new AgencyError('TMUX', `the session ${record.agency} is gone`, { hint: `agency up ${record.agency}` })
    const stale = this.launcher.paneOf(snapshot, record.address)
    if (stale) await this.parts.terminal.killWindow(stale.windowId)
    const before = this.#windowBefore(record, snapshot)
    const pane = await this.parts.terminal.addWindow(session.id, await this.launcher.window(record), before)
    await this.#saveStarted({ ...record, ...placeOf(pane, snapshot.serverPid) })
  }

  /** Index of the last of this agency's windows that stands before the agent's in the required order; -1 for the first. */
  #windowBefore(record: AgentRecord, snapshot: Snapshot): number {
    const order = this.parts.roster.agentsOf(record.agency).map(agent => agent.address)
    const earlier = new Set(order.slice(0, order.indexOf(record.address)).map(of => this.launcher.owner(of)))
    const indexes = snapshot.panes.filter(pane => earlier.has(pane.owner)).map(pane => pane.windowIndex)
    return Math.max(-1, ...indexes)
  }

  async #saveStarted(record: AgentRecord): Promise<void> {
    await this.parts.roster.saveAgent(record, {
      type: 'agent-state',
      metadata: { state: 'starting', rule: 'started', instance: record.instance },
    })
  }

  /** What a program is taken for that has just been seen to run. */
  async firstReading(record: AgentRecord, pid: number): Promise<Reading> {
    const driver = await this.parts.drivers.get(record.driver)
    if (driver.doors.includes('process')) return { state: 'ready', rule: 'process', evidence: `process ${pid} runs` }
    if (driver.doors.length === 0)
      return { state: 'shell', rule: 'process', evidence: `process ${pid} runs; nothing is typed into it` }
    return this.readScreen(record, driver)
  }

  async #startsReady(record: AgentRecord): Promise<boolean> {
    const driver = await this.parts.drivers.get(record.driver)
    return !driver.hasHooks || this.parts.clock.now() - record.since > HOOK_PATIENCE_MS
  }

  /** What the agent's screen says just now; undefined when it has none that its driver can read. */
  async lookAt(record: AgentRecord, driver: Driver): Promise<ScreenReading | undefined> {
    if (!record.pane || record.state === 'dead' || !driver.doors.includes('typing') || !this.parts.terminal.isConnected)
      return undefined
    const screen = await this.parts.terminal.capture(record.pane as PaneId).catch(() => undefined)
    return screen && driver.readScreen(screen)
  }

  /** Reads the screens of agents whose hooks do not tell everything, so that a status is true when it is shown. */
  async refresh(): Promise<void> {
    const { roster, drivers, clock } = this.parts
    await Promise.all(
      [...roster.agents.values()].map(async record => {
        const driver = await drivers.get(record.driver).catch(() => undefined)
        if (!driver || record.state === 'starting' || (driver.hasHooks && record.state !== 'unknown')) return
        const reading = await this.lookAt(record, driver)
        if (reading && roster.agents.get(record.address)?.state !== 'dead')
          await roster.observe(record.address, justReading(reading), clock.now())
      }),
    )
  }

  async readScreen(record: AgentRecord, driver: Driver): Promise<Reading> {
    if (!record.pane) return { state: 'starting', rule: 'no pane yet', evidence: '' }
    const screen = await this.parts.terminal.capture(record.pane as PaneId)
    const reading = driver.readScreen(screen)
    if (reading.state === 'unknown' && record.state === 'starting')
      return { state: 'starting', rule: reading.rule, evidence: reading.evidence }
    return justReading(reading)
  }

  /** Brings the agency's session and every agent in it to life; agents that live are left alone. */
  async startAgency(name: string): Promise<void> {
    await this.#busy.run(name, async () => {
      const { roster, workspace, terminal, clock } = this.parts
      const { record } = roster.agency(name)
      await this.launcher.connect()
      await mkdir(join(workspace.sandbox, 'testing'), { recursive: true })
      await roster.saveAgency({ ...record, desired: 'running' }, 'start', clock.now())
      const snapshot = await this.look()
      const session = this.launcher.sessionOf(snapshot, name)
      const agents = roster.agentsOf(name)
      if (session) {
        for (const agent of agents)
          if (!this.launcher.paneOf(snapshot, agent.address) || agent.state === 'dead')
            await this.#revive(
              { ...agent, deaths: [] },
              !this.launcher.paneOf(snapshot, agent.address),
              await this.look(),
            )
        return
      }
      const prepared = await Promise.all(
        agents.map(async agent => {
          await this.#endOrphan(agent)
          return this.launcher.prepare({ ...agent, deaths: [] })
        }),
      )
      const windows = [
        ...(await Promise.all(prepared.map(agent => this.launcher.window(agent)))),
        ...this.launcher.personWindows(name),
      ]
      const made = await terminal.createSession({ name, workspace: workspace.hash, windows })
      this.#snapshot = made
      await Promise.all(
        prepared.map(agent =>
          this.#saveStarted({ ...agent, ...placeOf(this.launcher.paneOf(made, agent.address), made.serverPid) }),
        ),
      )
    })
  }

  /** Resolves when every agent of the agency has a living program, or the time is over; returns those that have none. */
  async whenRunning(name: string, timeoutMs: number): Promise<readonly AgentRecord[]> {
    const missing = async () => {
      const agents = this.parts.roster.agentsOf(name).filter(agent => agent.desired === 'running')
      const seen = await Promise.all(agents.map(agent => observeRun(runFolder(this.parts.workspace, agent.address))))
      return agents.filter((_, index) => !seen[index]!.program?.isAlive)
    }
    await until(async () => (await missing()).length === 0, { timeoutMs, everyMs: 10 })
    return missing()
  }

  async stopAgency(name: string): Promise<void> {
    await this.#busy.run(name, async () => {
      const { roster, terminal, clock } = this.parts
      const { record } = roster.agency(name)
      await roster.saveAgency({ ...record, desired: 'stopped' }, 'stop', clock.now())
      const agents = roster.agentsOf(name)
      for (const agent of agents) await this.#saveStopped(agent)
      await Promise.all(agents.map(agent => this.launcher.endProgram(agent)))
      const snapshot = await this.look()
      const session = this.launcher.sessionOf(snapshot, name)
      if (session && terminal.isConnected) await terminal.killSession(session.id)
    })
  }

  /** Deletes what was kept for an agent's runs, after its end. */
  async forget(of: string): Promise<void> {
    this.parts.runs.unwatch(of)
    const run = runFolder(this.parts.workspace, of)
    await rm(run, { recursive: true, force: true })
    await rmdir(dirname(run)).catch(() => undefined)
  }

  /** When nothing runs any more, nothing of ours stays on the person's server. */
  async leaveTerminal(): Promise<void> {
    await this.look()
    if (this.parts.terminal.isConnected) await this.parts.terminal.killKeeper()
  }

  async startAgent(of: string): Promise<void> {
    const agent = this.parts.roster.agent(of)
    await this.launcher.connect()
    if (!this.launcher.sessionOf(await this.look(), agent.agency)) {
      await this.#wishAll(agent.agency, of)
      await this.startAgency(agent.agency)
      return
    }
    await this.#busy.run(agent.agency, async () => {
      const snapshot = await this.look()
      const pane = this.launcher.paneOf(snapshot, of)
      if (pane && agent.state !== 'dead' && agent.desired === 'running') return
      const seen = await observeRun(runFolder(this.parts.workspace, of))
      await this.#revive(
        { ...agent, desired: 'running', deaths: [] },
        pane === undefined || pane.pid !== seen.runnerPid,
        snapshot,
      )
    })
  }

  async #wishAll(agency: string, of: string): Promise<void> {
    for (const agent of this.parts.roster.agentsOf(agency))
      if (agent.address === of) await this.parts.roster.saveAgent({ ...agent, desired: 'running' })
  }

  async stopAgent(of: string): Promise<void> {
    const agent = this.parts.roster.agent(of)
    await this.#busy.run(agent.agency, async () => {
      await this.#saveStopped(agent)
      await this.launcher.endProgram(agent)
      const snapshot = await this.look()
      const pane = this.launcher.paneOf(snapshot, of)
      if (pane) await this.parts.terminal.killWindow(pane.windowId)
    })
  }

  async restartAgent(of: string): Promise<void> {
    await this.stopAgent(of)
    await this.startAgent(of)
  }

  async #saveStopped(agent: AgentRecord): Promise<void> {
    await this.parts.roster.saveAgent(
      {
        ...agent,
        desired: 'stopped',
        state: 'stopped',
        rule: 'asked to stop',
        evidence: '',
        since: this.parts.clock.now(),
        pid: undefined,
        pane: undefined,
        panePid: undefined,
        nextStartAt: undefined,
      },
      { type: 'agent-state', metadata: { from: agent.state, state: 'stopped' } },
    )
  }

  /** A program that ignored the loss of its pane must not go on beside its successor. */
  async #endOrphan(agent: AgentRecord): Promise<void> {
    if (agent.pid !== undefined && isAlive(agent.pid)) await this.launcher.endProgram(agent)
  }

  #limits() {
    const { backoffBase, backoffMax, quarantineDeaths } = this.parts.settings.supervision
    return { backoffBaseMs: backoffBase * 1000, backoffMaxMs: backoffMax * 1000, quarantineDeaths, random: Math.random }
  }

  /** Agents that the roster has but the definition does not, and the other way round. */
  undefinedAgents(agency: string): readonly AgentRecord[] {
    const { definition } = this.parts.roster.agency(agency)
    const names = new Set(members(definition).map(member => member.name))
    return this.parts.roster.agentsOf(agency).filter(agent => !names.has(agent.name))
  }
}

/** A program whose hooks tell everything is believed to be starting until one speaks, or until its screen has to be read. */
const HOOK_PATIENCE_MS = 3_000

function justReading({ state, rule, evidence }: Reading): Reading {
  return { state, rule, evidence }
}

const EMPTY: Snapshot = { serverPid: 0, sessions: [], panes: [] }

function placeOf(pane: Pane | undefined, serverPid: number): Pick<AgentRecord, 'pane' | 'panePid' | 'serverPid'> {
  return { pane: pane?.id, panePid: pane?.pid, serverPid }
}
