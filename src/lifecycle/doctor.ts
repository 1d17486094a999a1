/** agency doctor: every state that is stuck, and everything of this machine that would make one. */
import { statfs } from 'node:fs/promises'
import type { Roster } from '../agencies/roster.ts'
import { deliveryFindings } from '../bus/findings.ts'
import type { Drivers } from '../drivers/driver.ts'
import { lockFindings } from '../locks/findings.ts'
import type { Locks } from '../locks/locks.ts'
import type { Finding } from '../model/finding.ts'
import type { Store } from '../storage/store.ts'
import { submissionFindings } from '../submissions/findings.ts'
import { agentFindings, limitFindings } from '../supervisor/findings.ts'
import { isolationFindings } from '../supervisor/isolationFindings.ts'
import { taskFindings } from '../tasks/findings.ts'
import type { LifecycleParts } from './parts.ts'

export interface DoctorReport {
  readonly findings: readonly Finding[]
}

export interface DoctorParts {
  readonly store: Store
  readonly locks: Locks
  readonly drivers: Drivers
  readonly loopFailures: () => readonly string[]
}

const MOST_TASKS = 5_000
const MOST_HELD = 20
const LOW_DISK_BYTES = 500 * 1024 * 1024

export async function doctor(
  parts: LifecycleParts,
  { store, locks, drivers, loopFailures }: DoctorParts,
  more: readonly Finding[] = [],
): Promise<DoctorReport> {
  const { roster, usage, clock } = parts
  const now = clock.now()
  const findings: Finding[] = [
    ...(await storeFindings(store)),
    ...loopFailures().map((what): Finding => ({ level: 'bad', what, hint: 'agency daemon restart' })),
    ...(await diskFindings(parts)),
    ...definitionFindings(roster),
    ...agentFindings(roster, now),
    ...(await limitFindings(roster, usage)),
    ...(await deliveryFindings(store, now)),
    ...(await stuckTasks(parts, store)),
    ...submissionFindings(await store.submissions({ states: ['held'] }, MOST_HELD)),
    ...more,
    ...(await stuckLocks(parts, locks)),
    ...(await isolationFindings({ ...parts, drivers })),
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

function definitionFindings({ problems, definitions }: Roster): Finding[] {
  return [...problems].map(([name, { message, hint }]) => ({
    level: 'bad',
    what: `${name}: ${message}${definitions.has(name) ? ' (it goes on as it was)' : ''}`,
    ...(hint ? { hint } : {}),
  }))
}
