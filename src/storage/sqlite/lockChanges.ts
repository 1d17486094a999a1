/** Every change of a lock, with the work unit that records it and the waits that it lets through. */
import { type Id, newId } from '../../kernel/ids.ts'
import type { JsonObject } from '../../kernel/json.ts'
import {
  type Asked,
  type Blocker,
  blockersOf,
  decide,
  ENDS,
  type Lease,
  type Link,
  type Lock,
  type LockEnd,
  nextLockState,
  showCycle,
  type Wait,
} from '../../model/lock.ts'
import { type Address, agencyOf, SYSTEM } from '../../model/names.ts'
import { canonicalSet, resourceKey } from '../../model/resource.ts'
import { WORKSPACE_CONTEXT } from '../../model/unit.ts'
import type { Acquired, Grants } from '../lockStore.ts'
import type { Connection } from './connection.ts'
import { locksOnAny } from './lockOverlaps.ts'
import {
  dueLocks,
  insertLock,
  lockById,
  lockCounters,
  locksOf,
  nextFence,
  removeLock,
  renewLock,
  waitingLocks,
  writeLockTime,
} from './locks.ts'
import { appendUnit } from './units.ts'

export function acquireLock(
  connection: Connection,
  asked: Asked,
  options: { now: number; waitMs: number },
): Acquired & Grants {
  const { now, isDue } = lockCounters(connection, options.now)
  const { granted } = isDue ? endDue(connection, now) : NOTHING
  const waitsOf = (owner: Address) => waitingLocks(connection, owner).flatMap(wait => inTheWayOf(connection, wait))
  const overlapping = locksOnAny(connection, asked.resources)
  const decision = decide(asked, { mayWait: options.waitMs > 0 }, overlapping, waitsOf)
  switch (decision.kind) {
    case 'grant':
      return { kind: 'granted', lease: grantNew(connection, asked, now), isAgain: false, granted }
    case 'again': {
      const lease = prolong(connection, { ...decision.lease, mode: decision.mode }, now + asked.ttlMs, now)
      return { kind: 'granted', lease, isAgain: true, granted }
    }
    case 'held':
      return { kind: 'held', by: decision.by, granted }
    case 'wait': {
      const wait = waitInLine(connection, asked, { now, waitUntil: now + options.waitMs })
      return { kind: 'waiting', wait, by: decision.by, granted }
    }
    case 'deadlock':
      recordVictim(connection, asked, decision.cycle, now)
      return { kind: 'deadlock', cycle: decision.cycle, granted }
  }
}

const NOTHING = { ended: [], granted: [] } as const

function inTheWayOf(connection: Connection, lock: Lock): readonly Blocker[] {
  return blockersOf(lock, locksOnAny(connection, lock.resources))
}

function grantNew(connection: Connection, asked: Asked, now: number): Lease {
  const fence = nextFence(connection, now)
  const draft: Lease = { id: newId(), seq: 0, state: 'held', ...asked, since: now, expiresAt: now + asked.ttlMs, fence }
  const lease = { ...draft, seq: record(connection, draft, 'grant', { by: asked.owner, now }) }
  insertLock(connection, lease)
  return lease
}

function waitInLine(
  connection: Connection,
  asked: Asked,
  { now, waitUntil }: { now: number; waitUntil: number },
): Wait {
  const draft: Wait = { id: newId(), seq: 0, state: 'waiting', ...asked, since: now, waitUntil }
  const wait = { ...draft, seq: record(connection, draft, 'wait', { by: asked.owner, now }) }
  insertLock(connection, wait)
  return wait
}

function recordVictim(connection: Connection, asked: Asked, cycle: readonly Link[], now: number): void {
  const victim: Wait = { id: newId(), seq: 0, state: 'waiting', ...asked, since: now, waitUntil: now }
  record(connection, victim, 'refuse', { by: SYSTEM, now, state: 'refused', reason: showCycle(cycle) })
}

/** Never for shorter: whoever asked before relies on what they were told. */
function prolong(connection: Connection, lease: Lease, until: number, now: number): Lease {
  const longer = { ...lease, expiresAt: Math.max(lease.expiresAt, until) }
  renewLock(connection, longer)
  record(connection, longer, 'extend', { by: lease.owner, now })
  return longer
}

export function extendLock(
  connection: Connection,
  id: Id,
  change: { owner: Address; ttlMs: number; now: number },
): { lease: Lease | undefined } & Grants {
  const { now, isDue } = lockCounters(connection, change.now)
  const { granted } = isDue ? endDue(connection, now) : NOTHING
  const lock = lockById(connection, id)
  if (lock?.state !== 'held' || lock.owner !== change.owner) return { lease: undefined, granted }
  return { lease: prolong(connection, lock, now + change.ttlMs, now), granted }
}

export function endLock(
  connection: Connection,
  idOrShort: string,
  change: { event: LockEnd; by: Address; owner?: Address; reason: string; now: number },
): { ended: Lock | undefined } & Grants {
  const { now, isDue, hasWaits } = lockCounters(connection, change.now)
  const { granted } = isDue ? endDue(connection, now) : NOTHING
  const lock = lockById(connection, idOrShort)
  const isTheirs = lock !== undefined && (change.owner === undefined || change.owner === lock.owner)
  const event = lock?.state === 'waiting' ? 'withdraw' : change.event
  if (!isTheirs || nextLockState(lock.state, event) === 'no') return { ended: undefined, granted }
  end(connection, lock, { ...change, event, now })
  return { ended: lock, granted: [...granted, ...(hasWaits ? letThrough(connection, [lock], now) : [])] }
}

function end(
  connection: Connection,
  lock: Lock,
  { event, by, reason, now }: { event: LockEnd; by: Address; reason: string; now: number },
): void {
  removeLock(connection, lock)
  record(connection, lock, event, { by, now, state: ENDS[event], reason })
}

/** Leases that have run out, and waits that have been long enough. */
function endDue(connection: Connection, now: number): { ended: readonly Lock[] } & Grants {
  const ended = dueLocks(connection, now)
  for (const lock of ended) {
    const isHeld = lock.state === 'held'
    const reason = isHeld ? 'its time was over' : 'it was waited for as long as was asked'
    end(connection, lock, { event: isHeld ? 'expire' : 'withdraw', by: SYSTEM, reason, now })
  }
  return { ended, granted: letThrough(connection, ended, now) }
}

/** Whoever waited for something of these may go now, in the order of asking, where nothing else is in the way. */
function letThrough(connection: Connection, gone: readonly Lock[], now: number): Lease[] {
  const granted: Lease[] = []
  for (const { lock } of locksOnAny(connection, canonicalSet(gone.flatMap(({ resources }) => resources)))) {
    if (lock.state !== 'waiting' || inTheWayOf(connection, lock).length > 0) continue
    const { waitUntil: _, ...rest } = lock
    const lease: Lease = {
      ...rest,
      state: 'held',
      since: now,
      expiresAt: now + lock.ttlMs,
      fence: nextFence(connection, now),
    }
    renewLock(connection, lease)
    record(connection, lease, 'grant', { by: lock.owner, now })
    granted.push(lease)
  }
  return granted
}

/** Written down this often while anything is open: a clock that goes back during a restart gives a lease at most as much more. */
const SEE_EVERY_MS = 5_000

export function sweepLocks(
  connection: Connection,
  options: { now: number; isStart: boolean; untold: readonly Id[] },
): { ended: readonly Lock[]; dueAt: number | undefined } & Grants {
  const { now, seen, isDue, isEmpty } = lockCounters(connection, options.now)
  if (isEmpty) return { ...NOTHING, dueAt: undefined }
  if (now - seen >= SEE_EVERY_MS) writeLockTime(connection, now)
  const given = options.isStart ? waitingLocks(connection) : []
  for (const wait of given)
    end(connection, wait, { event: 'withdraw', by: SYSTEM, reason: 'the daemon that it waited with has ended', now })
  const due = isDue ? endDue(connection, now) : NOTHING
  const held = options.untold.map(id => lockById(connection, id)).filter(lock => lock?.state === 'held')
  const { due: dueAt } = lockCounters(connection, now)
  return { ended: [...given, ...due.ended], granted: [...due.granted, ...held], dueAt }
}

/** Everything that somebody holds or waits for ends with them. Those who are let through by it are told by the next sweep. */
export function endLocksOf(connection: Connection, owner: Address, at: number, reason: string): void {
  const { now } = lockCounters(connection, at)
  const locks = locksOf(connection, owner)
  for (const lock of locks)
    end(connection, lock, { event: lock.state === 'held' ? 'release' : 'withdraw', by: SYSTEM, reason, now })
  letThrough(connection, locks, now)
}

/** Shown in the metadata; the payload has all. */
const SHOWN = 20

interface Told {
  readonly by: Address
  readonly now: number
  readonly state?: string
  readonly reason?: string
}

/** Returns the unit's number. */
function record(
  connection: Connection,
  lock: Lock,
  event: string,
  { by, now, state = lock.state, reason }: Told,
): number {
  const keys = lock.resources.map(resourceKey)
  const metadata: JsonObject = {
    ...{ event, state, owner: lock.owner, mode: lock.mode, resources: keys.slice(0, SHOWN), count: keys.length },
    ...(lock.state === 'held' ? { fence: lock.fence, until: lock.expiresAt } : { until: lock.waitUntil }),
    ...(lock.why === undefined ? {} : { why: lock.why }),
    ...(reason === undefined ? {} : { reason }),
  }
  return appendUnit(connection, {
    id: newId(),
    context: agencyOf(lock.owner) ?? WORKSPACE_CONTEXT,
    agent: by,
    type: 'lock',
    at: now,
    subject: lock.id,
    metadata,
    payload: event === 'grant' || event === 'wait' ? keys.join('\n') : undefined,
    relations: [],
  }).seq
}
