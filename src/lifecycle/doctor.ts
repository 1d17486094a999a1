/** agency doctor: every state that is stuck, and everything of this machine that would make one. */
import { statfs } from 'node:fs/promises'
import { shortId } from '../kernel/ids.ts'
import type { Store } from '../storage/store.ts'
import type { LifecycleParts } from './parts.ts'

export interface Finding {
  readonly level: 'ok' | 'warn' | 'bad'
  readonly what: string
  readonly hint?: string
}

export interface DoctorReport {
  readonly findings: readonly Finding[]
}

const HELD_TOO_LONG_MS = 300_000
const LOW_DISK_BYTES = 500 * 1024 * 1024

export async function doctor(
  parts: LifecycleParts,
  store: Store,
  loopFailures: readonly string[],
  more: readonly Finding[] = [],
): Promise<DoctorReport> {
  const findings: Finding[] = [
    ...(await storeFindings(store)),
    ...loopFailures.map((what): Finding => ({ level: 'bad', what, hint: 'agency daemon restart' })),
    ...(await diskFindings(parts)),
    ...agentFindings(parts),
    ...(await deliveryFindings(parts, store)),
    ...more,
    {
      level: 'ok',
      what: 'isolation: cooperative (agents run as you: our commands are bound, a hostile process is not)',
    },
  ]
  return { findings }
}

async function storeFindings(store: Store): Promise<Finding[]> {
  const problems = await store.check()
  if (problems.length === 0) return [{ level: 'ok', what: 'the store is sound' }]
  return problems.map(what => ({
    level: 'bad',
    what: `store: ${what}`,
    hint: 'agency down, then keep a copy of registry/agency.db before anything else',
  }))
}

async function diskFindings({ workspace }: LifecycleParts): Promise<Finding[]> {
  const disk = await statfs(workspace.registry)
  const free = disk.bavail * disk.bsize
  return free < LOW_DISK_BYTES
    ? [
        {
          level: 'bad',
          what: `only ${Math.round(free / 1024 / 1024)} MB are free on the workspace's disk`,
          hint: 'df -h',
        },
      ]
    : []
}

function agentFindings({ roster, clock }: LifecycleParts): Finding[] {
  const found: Finding[] = []
  for (const [name, problem] of roster.problems)
    found.push({
      level: 'bad',
      what: `${name}: ${problem.message}${roster.definitions.has(name) ? ` (it goes on as it was)` : ``}`,
      ...(problem.hint ? { hint: problem.hint } : {}),
    })
  for (const agent of roster.agents.values()) {
    const agency = roster.agencies.get(agent.agency)
    if (agency?.desired !== 'running' || agent.desired !== 'running') continue
    if (agent.state === 'dead')
      found.push({
        level: 'bad',
        what: `${agent.address} is dead: ${agent.evidence}`,
        hint: agent.nextStartAt === undefined ? `agency up ${agent.agency}` : `it is started again by itself`,
      })
    if (agent.state === 'waiting')
      found.push({
        level: 'warn',
        what: `${agent.address} waits for an answer: ${agent.evidence}`,
        hint: `agency attach ${agent.address}`,
      })
    if (agent.state === 'unknown')
      found.push({ level: 'warn', what: `${agent.address}: ${agent.rule}`, hint: `agency explain ${agent.address}` })
    if (agent.state === 'starting' && clock.now() - agent.since > 60_000)
      found.push({
        level: 'warn',
        what: `${agent.address} has been starting for over a minute`,
        hint: `agency attach ${agent.address}`,
      })
  }
  return found
}

async function deliveryFindings({ clock }: LifecycleParts, store: Store): Promise<Finding[]> {
  const open = await store.inStates(['held', 'unknown', 'handing', 'handed'], 1000)
  const dead = await store.messages({ state: 'dead' }, 100)
  const buried = dead.flatMap(({ message, deliveries }) =>
    deliveries.filter(({ state }) => state === 'dead').map(delivery => ({ delivery, message })),
  )
  return [...open, ...buried].flatMap(({ delivery, message }): Finding[] => {
    const id = shortId(message.id)
    const age = clock.now() - delivery.since
    if (delivery.state === 'unknown')
      return [
        {
          level: 'warn',
          what: `message ${id} to ${delivery.to} may not have arrived: ${delivery.reason ?? ''}`,
          hint: `agency trace ${id}, then agency dead requeue ${id}`,
        },
      ]
    if (delivery.state === 'dead')
      return [
        {
          level: 'warn',
          what: `message ${id} to ${delivery.to} is dead: ${delivery.reason ?? ''}`,
          hint: `agency dead requeue ${id}   or   agency dead purge`,
        },
      ]
    if (age > HELD_TOO_LONG_MS)
      return [
        {
          level: 'warn',
          what: `message ${id} to ${delivery.to} has been ${delivery.state} for ${Math.round(age / 60_000)} min: ${delivery.reason ?? ''}`,
          hint: `agency explain ${delivery.to}`,
        },
      ]
    return []
  })
}
