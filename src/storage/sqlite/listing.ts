/** Lists of messages by filter: newest first inside, so that a page costs what it shows. */
import type { DeliveryState } from '../../model/delivery.ts'
import type { MessageFilter } from '../store.ts'
import type { Connection } from './connection.ts'
import { SELECT_MESSAGES, type StoredMessage, selectMessages } from './messages.ts'

const DELIVERED = `select 1 from deliveries d where d.message_seq = m.seq`
const INVOLVING = `(? in (m.from_address, m.spoken_by, m.to_address) or exists (${DELIVERED} and d.to_address = ?))`
// Every address of an agency lies between "Name/" and "Name0", the character after the slash.
const OF_AGENCY = `(m.from_address >= ? and m.from_address < ? or m.to_address >= ? and m.to_address < ?
  or exists (${DELIVERED} and d.to_address >= ? and d.to_address < ?))`
const IN_THREAD = `m.seq in (select seq from messages where short = substr(?, -8) and id = ?
  union all select seq from messages where thread = ?)`
// Open and failed deliveries are found by their small partial indexes, however long the history.
const OPEN_IN_STATE = `m.seq in (select message_seq from deliveries where due_at is not null and state = ?)`
const FAILED_IN_STATE = `m.seq in (select message_seq from deliveries
  where state in ('dead', 'expired', 'cancelled') and state = ? and replaced_by is null)`
const FINISHED_IN_STATE = `exists (${DELIVERED} and d.state = ?)`

type Condition = readonly [sql: string, ...values: (string | number)[]]

export function listMessages(connection: Connection, filter: MessageFilter, limit: number): StoredMessage[] {
  const conditions = conditionsOf(filter)
  const where = conditions.length ? `where ${conditions.map(([sql]) => sql).join(' and ')}` : ''
  const order = filter.after === undefined ? 'desc' : 'asc'
  const values = conditions.flatMap(([, ...rest]) => rest)
  const found = selectMessages(connection, `${SELECT_MESSAGES} ${where} order by m.seq ${order} limit ?`, [
    ...values,
    limit,
  ])
  return filter.after === undefined ? found.reverse() : found
}

function conditionsOf({ after, involving, agency, type, thread, state, sinceMs }: MessageFilter): Condition[] {
  const conditions: Condition[] = []
  if (after !== undefined) conditions.push(['m.seq > ?', after])
  if (type !== undefined) conditions.push(['m.type = ?', type])
  if (sinceMs !== undefined) conditions.push(['m.at >= ?', sinceMs])
  if (thread !== undefined) conditions.push([IN_THREAD, thread, thread, thread])
  if (state !== undefined) conditions.push([inState(state), state])
  if (involving !== undefined) conditions.push([INVOLVING, involving, involving])
  if (agency !== undefined) {
    const range = [`${agency}/`, `${agency}0`]
    conditions.push([OF_AGENCY, ...range, ...range, ...range])
  }
  return conditions
}

function inState(state: DeliveryState): string {
  if (state === 'confirmed' || state === 'acked') return FINISHED_IN_STATE
  return state === 'dead' || state === 'expired' || state === 'cancelled' ? FAILED_IN_STATE : OPEN_IN_STATE
}
