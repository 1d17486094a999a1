/** agency doctor: every state that is stuck, and everything of this machine that would make one. */
import { statfs } from 'node:fs/promises'
import { shortId } from '../kernel/ids.ts'
import { lockFindings } from '../locks/findings.ts'
import type { Locks } from '../locks/locks.ts'
import type { AgentRecord } from '../model/agent.ts'
import { holdsOf, keepsDown, sayHold } from '../model/holds.ts'
import type { Store } from '../storage/store.ts'
import { taskFindings } from '../tasks/findings.ts'
import type { LifecycleParts } from './parts.ts'

export interface Finding {
  readonly level: 'ok' | 'warn' | 'bad'
  readonly what: string
  readonly hint?: string
}

export interface DoctorReport {
  readonly findings: readonly Finding[]
}

export interface DoctorParts {
  readonly store: Store
  readonly locks: Locks
  readonly loopFailures: () => readonly string[]
}

const HELD_TOO_LONG_MS = 300_000
const MOST_TASKS = 5_000
const LOW_DISK_BYTES = 500 * 1024 * 1024

export async function doctor(
  parts: LifecycleParts,
  { store, locks, loopFailures }: DoctorParts,
  more: readonly Finding[] = [],
): Promise<DoctorReport> {
  const findings: Finding[] = [
    ...(await storeFindings(store)),
    ...loopFailures().map((what): Finding => ({ level: 'bad', what, hint: 'agency daemon restart' })),
    ...(await diskFindings(parts)),
    ...agentFindings(parts),
    ...(await limitFindings(parts)),
    ...(await deliveryFindings(parts, store)),
    ...(await stuckTasks(parts, store)),
    ...more,
    ...(await stuckLocks(parts, locks)),
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

async function stuckTasks({ roster, clock }: LifecycleParts, store: Store): Promise<Finding[]> {
  const open = await store.tasks({ isOpen: true }, MOST_TASKS)
  return taskFindings(open, roster, clock.now()).map(found => ({ level: 'warn', ...found }))
}

async function stuckLocks({ roster }: LifecycleParts, locks: Locks): Promise<Finding[]> {
  const isDown = (owner: string) => ['dead', 'stopped'].includes(roster.agents.get(owner)?.state ?? '')
  return lockFindings(await locks.list(), locks.now(), isDown).map(found => ({ level: 'warn', ...found }))
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
    found.push(...holdFindings(agent))
    const isKeptDown = holdsOf(agent).some(keepsDown)
    if (agent.state === 'dead' && !isKeptDown)
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

/** A pause and a drain are what somebody wants: the rest is a finding. */
function holdFindings(agent: AgentRecord): Finding[] {
  return holdsOf(agent).flatMap((hold): Finding[] => {
    const until = hold.until === undefined ? '' : `, until ${new Date(hold.until).toISOString()}`
    const what = `${agent.address} is ${sayHold(hold)}${until}`
    if (hold.kind === 'quarantined')
      return [{ level: 'bad', what, hint: `agency explain ${agent.address}, then agency restart ${agent.address}` }]
    if (hold.kind === 'limit') return [{ level: 'warn', what, hint: `agency resume ${agent.address}` }]
    return []
  })
}

/** One finding for each agency: its agents are often of one kind. */
async function limitFindings({ roster, usage }: LifecycleParts): Promise<Finding[]> {
  const untold = new Map<string, Set<string>>()
  for (const agent of roster.agents.values()) {
    const isLimited = usage.limits(agent).tokensPerDay !== undefined
    const canTell = isLimited && (await usage.canTellTokens(agent).catch(() => false))
    if (!isLimited || canTell) continue
    untold.set(agent.agency, (untold.get(agent.agency) ?? new Set()).add(agent.driver))
  }
  return [...untold].map(([agency, drivers]) => ({
    level: 'warn',
    what: `${agency}: tokensPerDay is not enforced where tokens cannot be told: driver ${[...drivers].join(', ')}`,
    hint: `limit messagesPerDay in agencies/${agency}/agency.json`,
  }))
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
