/** Starts and stops agencies and agents: sessions, windows, programs. One start or stop of an agency at a time. */
import { rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '../agencies/modes.ts'
import type { Settings } from '../config/settings.ts'
import { until } from '../kernel/abort.ts'
import { AgencyError } from '../kernel/errors.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import type { AgentRecord } from '../model/agent.ts'
import { members } from '../model/definition.ts'
import { findHold, without } from '../model/holds.ts'
import { afterCrash, type SupervisionLimits } from '../model/supervision.ts'
import type { Pane, Snapshot } from '../terminal/terminal.ts'
import { Launcher } from './launcher.ts'
import type { SupervisorParts } from './parts.ts'
import { observeRun, runFolder } from './runFolder.ts'
import type { Sight } from './sight.ts'

export class Starter {
  readonly launcher: Launcher
  /** Starts and stops of one agency do not overlap, and nobody judges an agency that is half way. */
  readonly busy = new KeyedLock()

  constructor(
    private readonly parts: SupervisorParts,
    private readonly sight: Sight,
  ) {
    this.launcher = new Launcher(parts)
  }

  /** Brings the agency's session and every agent in it to life; agents that live are left alone. */
  async startAgency(name: string): Promise<void> {
    await this.busy.run(name, async () => {
      const { roster, workspace, terminal, clock } = this.parts
      const { record } = roster.agency(name)
      await this.launcher.connect()
      // Folders of the person's windows: git keeps no empty ones, so a cloned workspace may lack them.
      for (const folder of [join(workspace.sandbox, 'testing'), join(workspace.agencies, name, 'scripts')])
        await makeFolder(folder, this.parts.umask)
      const [snapshot] = await Promise.all([
        this.sight.look(),
        roster.saveAgency({ ...record, desired: 'running', isDraining: false }, 'start', clock.now()),
      ])
      const session = this.launcher.sessionOf(snapshot, name)
      const agents = roster.agentsOf(name).filter(agent => agent.desired === 'running')
      if (session) {
        for (const agent of agents)
          if (!this.launcher.paneOf(snapshot, agent.address) || agent.state === 'dead')
            await this.revive(afresh(agent), !this.launcher.paneOf(snapshot, agent.address), await this.sight.look())
        return
      }
      const prepared = await Promise.all(
        agents.map(async agent => {
          // A program that ignored the loss of its pane must not go on beside its successor.
          await this.launcher.endProgram(agent)
          return this.launcher.prepare(afresh(agent))
        }),
      )
      const windows = [
        ...(await Promise.all(prepared.map(agent => this.launcher.window(agent)))),
        ...this.launcher.personWindows(name),
      ]
      const made = await terminal.createSession({ name, workspace: workspace.hash, windows })
      this.sight.keep(made)
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
      const seen = await Promise.all(agents.map(agent => this.parts.runs.observe(agent.address)))
      return agents.filter((_, index) => !seen[index]!.program?.isAlive)
    }
    await until(async () => (await missing()).length === 0, { timeoutMs, everyMs: 5 })
    return missing()
  }

  async stopAgency(name: string): Promise<void> {
    await this.busy.run(name, async () => {
      const { roster, terminal, clock } = this.parts
      const { record } = roster.agency(name)
      await roster.saveAgency({ ...record, desired: 'stopped', isDraining: false }, 'stop', clock.now())
      const agents = roster.agentsOf(name)
      for (const agent of agents)
        if (agent.state !== 'stopped' || agent.desired === 'running') await this.#saveStopped(agent)
      await Promise.all(agents.map(agent => this.launcher.endProgram(agent)))
      const snapshot = await this.sight.look()
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
    await this.sight.look()
    if (this.parts.terminal.isConnected) await this.parts.terminal.killKeeper()
  }

  async startAgent(of: string): Promise<void> {
    const { agency } = this.parts.roster.agent(of)
    await this.launcher.connect()
    if (!this.launcher.sessionOf(await this.sight.look(), agency)) {
      await this.#wishAll(agency, of)
      await this.startAgency(agency)
      return
    }
    await this.busy.run(agency, async () => {
      // Read here: whoever held the agency before may have started it.
      const agent = this.parts.roster.agent(of)
      const snapshot = await this.sight.look()
      const pane = this.launcher.paneOf(snapshot, of)
      if (pane && agent.state !== 'dead' && agent.desired === 'running') return
      const seen = await observeRun(runFolder(this.parts.workspace, of))
      await this.revive(
        { ...afresh(agent), desired: 'running' },
        pane === undefined || pane.pid !== seen.runnerPid,
        snapshot,
      )
    })
  }

  async #wishAll(agency: string, of: string): Promise<void> {
    for (const agent of this.parts.roster.agentsOf(agency))
      if (agent.address === of) await this.parts.roster.saveAgent({ ...agent, desired: 'running' })
  }

  async stopAgent(of: string, rule?: string): Promise<void> {
    await this.busy.run(this.parts.roster.agent(of).agency, async () => {
      const agent = this.parts.roster.agent(of)
      await this.#saveStopped(agent, rule)
      await this.launcher.endProgram(agent)
      const snapshot = await this.sight.look()
      const pane = this.launcher.paneOf(snapshot, of)
      if (pane) await this.parts.terminal.killWindow(pane.windowId)
    })
  }

  async restartAgent(of: string): Promise<void> {
    await this.stopAgent(of)
    await this.startAgent(of)
  }

  /** It has done what it had to do. With the last one of an agency that drains, the agency is stopped. */
  async stopDrained(of: string): Promise<void> {
    const { agency } = this.parts.roster.agent(of)
    await this.stopAgent(of, 'drained')
    const isEmpty = this.parts.roster.agentsOf(agency).every(({ desired }) => desired === 'stopped')
    if (isEmpty && this.parts.roster.agency(agency).record.isDraining) await this.stopAgency(agency)
  }

  async #saveStopped(agent: AgentRecord, rule = 'asked to stop'): Promise<void> {
    const { by, why } = findHold(agent, 'draining') ?? {}
    const evidence = rule === 'drained' ? `as asked by ${by}${why ? `: ${why}` : ''}` : ''
    await this.parts.roster.saveAgent(
      {
        ...agent,
        desired: 'stopped',
        state: 'stopped',
        rule,
        evidence,
        since: this.parts.clock.now(),
        holds: without(agent, ({ kind }) => kind === 'draining'),
        pid: undefined,
        pane: undefined,
        panePid: undefined,
        nextStartAt: undefined,
      },
      { type: 'agent-state', metadata: { from: agent.state, state: 'stopped', rule, evidence } },
    )
  }

  /**
   * Starts an agent's program again: in its waiting runner, or in a window of its own when that is gone. `isCleared`: what the last
   * start left behind has been ended already.
   */
  async revive(
    record: AgentRecord,
    needsPane: boolean,
    snapshot: Snapshot,
    { isCleared } = { isCleared: false },
  ): Promise<void> {
    const { roster, clock } = this.parts
    try {
      // Under the same server no restart of the machine lies between: the process id is still that of our program.
      if (!isCleared && record.serverPid === snapshot.serverPid) await this.launcher.endProgram(record)
      const prepared = await this.launcher.prepare(record)
      if (needsPane || !(await this.launcher.startInRunner(prepared))) await this.#openWindow(prepared, snapshot)
      else await this.#saveStarted(prepared)
    } catch (error) {
      const evidence = error instanceof Error ? error.message : String(error)
      const now = clock.now()
      const kept = { ...record, ...keptOf(roster.agents.get(record.address)) }
      const dead = { state: 'dead', rule: 'start failed', evidence, since: now, isDeathCertain: true } as const
      await roster.saveAgent(
        { ...kept, ...afterCrash(kept, now, rulesOf(this.parts.settings), evidence), ...dead },
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
    const { roster } = this.parts
    await roster.saveAgent(
      { ...record, ...keptOf(roster.agents.get(record.address)) },
      {
        type: 'agent-state',
        metadata: { state: 'starting', rule: 'started', instance: record.instance },
      },
    )
  }

  /** Agents that the roster has but the definition does not, and the other way round. */
  undefinedAgents(agency: string): readonly AgentRecord[] {
    const { definition } = this.parts.roster.agency(agency)
    const names = new Set(members(definition).map(member => member.name))
    return this.parts.roster.agentsOf(agency).filter(agent => !names.has(agent.name))
  }
}

/** What others say of an agent while it is being started: the record that is started from is older. */
function keptOf(now: AgentRecord | undefined): Partial<AgentRecord> {
  return now === undefined ? {} : { holds: now.holds, spent: now.spent, lifted: now.lifted }
}

/** Started because somebody said so: what it did before is forgiven. */
function afresh(agent: AgentRecord): AgentRecord {
  return { ...agent, deaths: [], quarantines: 0, interruption: undefined }
}

export function rulesOf({ supervision }: Settings): SupervisionLimits {
  const { backoffBase, backoffMax, quarantineDeaths } = supervision
  return { backoffBaseMs: backoffBase * 1000, backoffMaxMs: backoffMax * 1000, quarantineDeaths, random: Math.random }
}

function placeOf(pane: Pane | undefined, serverPid: number): Pick<AgentRecord, 'pane' | 'panePid' | 'serverPid'> {
  return { pane: pane?.id, panePid: pane?.pid, serverPid }
}
