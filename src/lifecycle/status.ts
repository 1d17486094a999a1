/** What `agency status`, the views and doctor tell of every agency. */
import type { AgentState, Hold } from '../model/agent.ts'
import { holdsOf } from '../model/holds.ts'
import type { IsolationLevel } from '../model/sandbox.ts'
import type { Store } from '../storage/store.ts'
import type { LifecycleParts } from './parts.ts'

export interface AgentStatus {
  readonly name: string
  readonly address: string
  readonly state: AgentState
  readonly since: number
  readonly rule: string
  readonly evidence: string
  readonly driver: string
  readonly pane: string | undefined
  readonly pid: number | undefined
  readonly queued: number
  readonly branch: string | undefined
  readonly workdir: string
  /** Of the program as it was started last. */
  readonly isolation: IsolationLevel
  readonly nextStartAt: number | undefined
  /** When the usage limit that its program shows is over. */
  readonly limitedUntil: number | undefined
  /** Why it takes no work, beside its state. */
  readonly holds: readonly Hold[]
  /** Labels of the tasks that it has. */
  readonly tasks: readonly string[]
  /** Whether its program is known to be gone; undefined while it is not dead. */
  readonly isDeathCertain: boolean | undefined
}

export interface AgencyStatus {
  readonly name: string
  readonly session: string | undefined
  /** running: every agent lives · degraded: some do not · stopped · down: its session is gone. */
  readonly state: 'running' | 'degraded' | 'stopped' | 'down'
  readonly coordinator: string
  readonly capabilities: readonly string[]
  readonly problem: string | undefined
  readonly agents: readonly AgentStatus[]
}

export async function agencyStatus(parts: LifecycleParts, store: Store): Promise<readonly AgencyStatus[]> {
  const { roster, sight } = parts
  await sight.refresh()
  const waiting = await store.waiting()
  return [...roster.agencies.values()].map(record => {
    const definition = roster.definitions.get(record.name)
    const agents = roster.agentsOf(record.name)
    const alive = agents.filter(agent => agent.state !== 'dead' && agent.state !== 'stopped')
    const wanted = agents.filter(agent => agent.desired === 'running')
    const state =
      record.desired === 'stopped'
        ? 'stopped'
        : alive.length === 0 && wanted.length > 0
          ? 'down'
          : alive.length < wanted.length
            ? 'degraded'
            : 'running'
    return {
      name: record.name,
      session: state === 'stopped' || state === 'down' ? undefined : record.name,
      state,
      coordinator: definition ? `${record.name}/${definition.coordinator.name}` : '',
      capabilities: definition?.capabilities ?? [],
      problem: roster.problems.get(record.name)?.message,
      agents: agents.map(agent => ({
        name: agent.name,
        address: agent.address,
        state: agent.state,
        since: agent.since,
        rule: agent.rule,
        evidence: agent.evidence,
        driver: agent.driver,
        pane: agent.pane,
        pid: agent.pid,
        queued: waiting.get(agent.address) ?? 0,
        branch: agent.branch,
        workdir: agent.workdir,
        isolation: agent.isolation ?? 'none',
        nextStartAt: agent.nextStartAt,
        limitedUntil: agent.state === 'limited' ? agent.limitedUntil : undefined,
        holds: holdsOf(agent),
        tasks: parts.heldTasks(agent.address).map(({ label }) => label),
        isDeathCertain: agent.state === 'dead' ? agent.isDeathCertain : undefined,
      })),
    }
  })
}
