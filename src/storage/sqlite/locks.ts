/** Tables of locks, of what they are on, and of the numbers that only rise. */
import type { Id } from '../../kernel/ids.ts'
import { type Asked, type Lease, type Lock, type LockMode, untilOf } from '../../model/lock.ts'
import type { Address } from '../../model/names.ts'
import { baseOf, canonicalSet, type Resource } from '../../model/resource.ts'
import type { Connection } from './connection.ts'

interface LockRow {
  readonly seq: number
  readonly id: Id
  readonly owner: Address
  readonly mode: LockMode
  readonly why: string | null
  readonly ttlMs: number
  readonly since: number
  readonly until: number
  readonly fence: number | null
}

const SELECT = `select seq, id, owner, mode, why, ttl_ms as ttlMs, since, until, fence from locks`
const BY_SEQ = `${SELECT} where seq = ?`
const BY_ID = `${SELECT} where short = substr(?, -8) and (id = ? or short = ?)`
const OF_OWNER = `${SELECT} where owner = ? order by seq`
const OPEN = `${SELECT} where until > ? order by seq`
const DUE = `${SELECT} where until <= ? order by until, seq`
const WAITING = `${SELECT} where fence is null order by seq`
const WAITING_OF = `${SELECT} where owner = ? and fence is null order by seq`
const RESOURCES = `select space, kind, path from lock_resources where lock_seq = ?`

const INSERT = `
  insert into locks (seq, id, owner, mode, why, ttl_ms, since, until, fence)
  values (@seq, @id, @owner, @mode, @why, @ttlMs, @since, @until, @fence)`
const INSERT_RESOURCES = `
  insert into lock_resources (space, base, lock_seq, kind, path)
  select value ->> 0, value ->> 1, @seq, value ->> 2, value ->> 3 from json_each(@rows)`
const RENEW = `update locks set mode = ?, since = ?, until = ?, fence = ? where seq = ?`
const REMOVE = `delete from locks where seq = ?`
const REMOVE_RESOURCES = `delete from lock_resources where lock_seq = ?`

export function insertLock(connection: Connection, lock: Lock): void {
  const { seq, id, owner, mode, why, ttlMs, since, resources } = lock
  const fence = lock.state === 'held' ? lock.fence : undefined
  connection.run(INSERT, { seq, id, owner, mode, why, ttlMs, since, until: untilOf(lock), fence })
  const rows = resources.map(resource => [resource.space, baseOf(resource), resource.kind, resource.path])
  connection.run(INSERT_RESOURCES, { seq, rows: JSON.stringify(rows) })
}

/** A wait becomes a lease, or a lease is for longer. */
export function renewLock(connection: Connection, { mode, since, expiresAt, fence, seq }: Lease): void {
  connection.run(RENEW, mode, since, expiresAt, fence, seq)
}

export function removeLock(connection: Connection, { seq }: Lock): void {
  connection.run(REMOVE_RESOURCES, seq)
  connection.run(REMOVE, seq)
}

export function lockBySeq(connection: Connection, seq: number): Lock {
  return toLock(connection, connection.get<LockRow>(BY_SEQ, seq)!)
}

/** By id or short id; undefined as well when a short id fits several. */
export function lockById(connection: Connection, idOrShort: string): Lock | undefined {
  const rows = connection.all<LockRow>(BY_ID, idOrShort, idOrShort, idOrShort)
  return rows.length === 1 ? toLock(connection, rows[0]!) : undefined
}

export function openLocks(connection: Connection, now: number): Lock[] {
  return connection.all<LockRow>(OPEN, now).map(row => toLock(connection, row))
}

export function dueLocks(connection: Connection, now: number): Lock[] {
  return connection.all<LockRow>(DUE, now).map(row => toLock(connection, row))
}

export function locksOf(connection: Connection, owner: Address): Lock[] {
  return connection.all<LockRow>(OF_OWNER, owner).map(row => toLock(connection, row))
}

export function waitingLocks(connection: Connection, owner?: Address): Lock[] {
  const rows = owner === undefined ? connection.all<LockRow>(WAITING) : connection.all<LockRow>(WAITING_OF, owner)
  return rows.map(row => toLock(connection, row))
}

function toLock(connection: Connection, row: LockRow): Lock {
  const { seq, id, owner, mode, why, ttlMs, since, until, fence } = row
  const resources = canonicalSet(connection.all<Resource>(RESOURCES, seq))
  const asked: Asked = { owner, mode, resources, ttlMs, why: why ?? undefined }
  if (fence === null) return { id, seq, state: 'waiting', ...asked, since, waitUntil: until }
  return { id, seq, state: 'held', ...asked, since, expiresAt: until, fence }
}

const COUNTERS = `
  select seen, (select min(until) from locks) as due, exists (select 1 from locks where fence is null) as hasWaits
  from lock_counters`
const NEXT_FENCE = `update lock_counters set fence = fence + 1, seen = max(seen, ?) returning fence`
const SEE = `update lock_counters set seen = ? where seen < ?`

/** What time it is for leases, whether one is over by then, and whether anybody waits. */
export function lockCounters(connection: Connection, given: number) {
  const { seen, due, hasWaits } = connection.get<{ seen: number; due: number | null; hasWaits: number }>(COUNTERS)!
  const now = Math.max(given, seen)
  return {
    now,
    seen,
    due: due ?? undefined,
    isDue: due !== null && due <= now,
    isEmpty: due === null,
    hasWaits: hasWaits === 1,
  }
}

export function nextFence(connection: Connection, now: number): number {
  return connection.get<{ fence: number }>(NEXT_FENCE, now)!.fence
}

export function writeLockTime(connection: Connection, now: number): void {
  connection.run(SEE, now, now)
}
