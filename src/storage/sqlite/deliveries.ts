/** Table of deliveries: the way of each message to each recipient, as it stands now. */
import { type Id, shortId } from '../../kernel/ids.ts'
import type { Delivery, DeliveryKind, DeliveryState, Door } from '../../model/delivery.ts'
import type { Address } from '../../model/names.ts'
import type { DeliveryAtAGlance, DeliveryWithMessage } from '../store.ts'
import type { Connection } from './connection.ts'
import { messageBySeq, messageHeadBySeq } from './messages.ts'

interface DeliveryRow {
  readonly seq: number
  readonly id: Id
  readonly message_id: Id
  readonly message_seq: number
  readonly to_address: Address
  readonly kind: DeliveryKind
  readonly priority: number
  readonly state: DeliveryState
  readonly since: number
  readonly attempts: number
  readonly earlier_attempts: number
  readonly is_redelivery: number
  readonly ack_wanted: number
  readonly reason: string | null
  readonly not_before: number
  readonly due_at: number | null
  readonly expires_at: number | null
  readonly door: Door | null
  readonly instance: number | null
  readonly replaced_by: number | null
}

export interface StoredDelivery {
  readonly delivery: Delivery
  readonly messageSeq: number
  /** Order number of the delivery that a requeue put in its place. */
  readonly replacedBy: number | undefined
}

const SELECT = `
  select d.seq, d.id, d.message_seq, (select m.id from messages m where m.seq = d.message_seq) as message_id, d.to_address,
    d.kind, d.priority, d.state, d.since, d.attempts, d.earlier_attempts, d.is_redelivery, d.ack_wanted, d.reason, d.not_before, d.due_at,
    d.expires_at, d.door, d.instance, d.replaced_by
  from deliveries d`

const INSERT = `
  insert into deliveries (seq, id, message_seq, to_address, kind, priority, state, attempts, is_redelivery, ack_wanted,
    reason, not_before, due_at, expires_at, door, instance, since, earlier_attempts)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

export function insertDelivery(connection: Connection, messageSeq: number, delivery: Delivery): void {
  const { seq, id, to, kind, priority, state, attempts, reason, notBefore, dueAt, expiresAt, door, instance } = delivery
  const flags = [delivery.isRedelivery ? 1 : 0, delivery.ackWanted ? 1 : 0]
  const way = [seq, id, messageSeq, to, kind, priority, state, attempts, ...flags]
  const times = [notBefore, dueAt, expiresAt]
  connection.run(INSERT, ...way, reason, ...times, door, instance, delivery.since, delivery.earlierAttempts)
}

// Conditional on the state it was decided from.
const UPDATE = `
  update deliveries set state = ?, attempts = ?, is_redelivery = ?, reason = ?, not_before = ?, due_at = ?, door = ?,
    instance = ?, since = ?
  where seq = ? and id = ? and state = ?`

/** False when it is no longer in the state it was decided from. */
export function updateDelivery(connection: Connection, from: DeliveryState, delivery: Delivery): boolean {
  const { state, attempts, isRedelivery, reason, notBefore, dueAt, door, instance, seq, id } = delivery
  const now = [state, attempts, isRedelivery ? 1 : 0, reason, notBefore, dueAt, door, instance, delivery.since]
  return connection.run(UPDATE, ...now, seq, id, from) === 1
}

const POSTPONE = `update deliveries set due_at = ? where short = ? and id = ? and due_at is not null`

export function postponeDelivery(connection: Connection, id: string, dueAt: number): void {
  connection.run(POSTPONE, dueAt, shortId(id), id)
}

const REPLACE = `update deliveries set replaced_by = ? where seq = ? and replaced_by is null`

export function replaceDelivery(connection: Connection, old: Delivery, by: Delivery): boolean {
  return connection.run(REPLACE, by.seq, old.seq) === 1
}

const BY_ID = `${SELECT} where d.short = ? and d.id = ?`
const OF_MESSAGE = `${SELECT} where d.message_seq = ? and d.replaced_by is null order by d.seq`
const MESSAGE_SEQS_BY_SHORT = `select distinct message_seq as seq from deliveries where short = ?`

export function deliveryById(connection: Connection, id: string): StoredDelivery | undefined {
  const row = connection.get<DeliveryRow>(BY_ID, shortId(id), id)
  return row && { delivery: toDelivery(row), messageSeq: row.message_seq, replacedBy: row.replaced_by ?? undefined }
}

/** Without those that a requeue replaced. */
export function deliveriesOf(connection: Connection, messageSeq: number): Delivery[] {
  return connection.all<DeliveryRow>(OF_MESSAGE, messageSeq).map(toDelivery)
}

export function messageSeqsByDeliveryShort(connection: Connection, short: string): number[] {
  return connection.all<{ seq: number }>(MESSAGE_SEQS_BY_SHORT, short).map(({ seq }) => seq)
}

// In the order of the index deliveries_open, which holds open deliveries only.
const MAY_GO = `d.state in ('queued', 'held') and d.not_before <= @now and (d.expires_at is null or d.expires_at > @now)`
const OPEN_OF = `${SELECT} indexed by deliveries_open where d.due_at is not null and d.to_address = @to`
const CLAIMABLE = `${OPEN_OF} and d.kind = 'direct' and ${MAY_GO} order by d.priority desc, d.seq limit @limit`
const UNDER_WAY = `${OPEN_OF} and d.state not in ('queued', 'held') order by d.seq`

export function claimableFor(
  connection: Connection,
  to: Address,
  now: number,
  limit: number,
): readonly DeliveryWithMessage[] {
  return withMessages(connection, connection.all<DeliveryRow>(CLAIMABLE, { to, now, limit }))
}

export function underWayTo(connection: Connection, to: Address): Delivery[] {
  return connection.all<DeliveryRow>(UNDER_WAY, { to }).map(toDelivery)
}

const DUE = `${SELECT} indexed by deliveries_due where d.due_at <= ? order by d.due_at, d.seq limit ?`
const NEXT_DUE = `select min(due_at) as at from deliveries indexed by deliveries_due where due_at is not null`
const OPEN_IN_STATES = `${SELECT} indexed by deliveries_due
  where d.due_at is not null and d.state in (select value from json_each(?)) order by d.seq limit ?`
const WAITING = `
  select to_address as recipient, count(*) as count from deliveries indexed by deliveries_open
  where due_at is not null and kind = 'direct' and state <> 'confirmed' group by to_address`

export function dueBy(connection: Connection, now: number, limit: number): DeliveryWithMessage[] {
  return withMessages(connection, connection.all<DeliveryRow>(DUE, now, limit))
}

export function nextDueAt(connection: Connection): number | undefined {
  return connection.get<{ at: number | null }>(NEXT_DUE)?.at ?? undefined
}

export function openInStates(
  connection: Connection,
  states: readonly DeliveryState[],
  limit: number,
): DeliveryAtAGlance[] {
  const rows = connection.all<DeliveryRow>(OPEN_IN_STATES, JSON.stringify(states), limit)
  return rows.map(row => ({ delivery: toDelivery(row), ...messageHeadBySeq(connection, row.message_seq) }))
}

export function countWaiting(connection: Connection): Map<Address, number> {
  const rows = connection.all<{ recipient: Address; count: number }>(WAITING)
  return new Map(rows.map(({ recipient, count }) => [recipient, count]))
}

const INBOX = `${SELECT} where d.to_address = @to and d.replaced_by is null order by d.seq desc limit @limit`
const UNREAD = `${OPEN_OF} and d.state <> 'confirmed' order by d.seq desc limit @limit`

export function inboxOf(
  connection: Connection,
  to: Address,
  { isUnread, limit }: { isUnread: boolean; limit: number },
): DeliveryWithMessage[] {
  return withMessages(connection, connection.all<DeliveryRow>(isUnread ? UNREAD : INBOX, { to, limit }).reverse())
}

// Every address of an agency lies between "Name/" and "Name0", the character after the slash.
const OPEN_TO_AGENCY = `${SELECT} indexed by deliveries_open
  where d.due_at is not null and d.to_address >= @name || '/' and d.to_address < @name || '0' order by d.seq`
const OPEN_TO_AGENT = `${OPEN_OF} order by d.seq`

export function openToAgency(connection: Connection, name: string): Delivery[] {
  return connection.all<DeliveryRow>(OPEN_TO_AGENCY, { name }).map(toDelivery)
}

export function openToAgent(connection: Connection, address: Address): Delivery[] {
  return connection.all<DeliveryRow>(OPEN_TO_AGENT, { to: address }).map(toDelivery)
}

const PURGE = `
  delete from deliveries indexed by deliveries_failed
  where state in ('dead', 'expired', 'cancelled') and since < ?`

export function purgeFailed(connection: Connection, before: number): number {
  return connection.run(PURGE, before)
}

function withMessages(connection: Connection, rows: readonly DeliveryRow[]): DeliveryWithMessage[] {
  return rows.map(row => ({ delivery: toDelivery(row), message: messageBySeq(connection, row.message_seq) }))
}

function toDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    messageId: row.message_id,
    to: row.to_address,
    kind: row.kind,
    seq: row.seq,
    priority: row.priority,
    state: row.state,
    since: row.since,
    attempts: row.attempts,
    earlierAttempts: row.earlier_attempts,
    isRedelivery: row.is_redelivery === 1,
    ackWanted: row.ack_wanted === 1,
    reason: row.reason ?? undefined,
    notBefore: row.not_before,
    dueAt: row.due_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    door: row.door ?? undefined,
    instance: row.instance ?? undefined,
  }
}
