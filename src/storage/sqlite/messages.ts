/** Table of messages: what was said, in the order of acceptance. */
import { type Id, shortId } from '../../kernel/ids.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Message, MessageType, WhileBusy } from '../../model/message.ts'
import type { Connection } from './connection.ts'

export interface StoredMessage {
  readonly seq: number
  readonly message: Message
}

interface MessageRow {
  readonly seq: number
  readonly id: Id
  readonly from_address: string
  readonly spoken_by: string | null
  readonly to_address: string
  readonly type: MessageType
  readonly label: string | null
  readonly priority: number
  readonly at: number
  readonly expires_at: number | null
  readonly reply_to: Id | null
  readonly thread: Id | null
  readonly idempotency_key: string | null
  readonly ack_wanted: number
  readonly while_busy: WhileBusy | null
  readonly payload: string | null
  readonly body: string
}

const COLUMNS = `m.seq, m.id, m.from_address, m.spoken_by, m.to_address, m.type, m.label, m.priority, m.at, m.expires_at,
  m.reply_to, m.thread, m.idempotency_key, m.ack_wanted, m.while_busy, m.payload, m.body`
export const SELECT_MESSAGES = `select ${COLUMNS} from messages m`

const INSERT = `
  insert into messages (seq, id, from_address, spoken_by, to_address, type, label, priority, at, expires_at,
    reply_to, thread, idempotency_key, ack_wanted, while_busy, payload, body)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

export function insertMessage(connection: Connection, seq: number, message: Message): void {
  const { id, from, spokenBy, to, type, label, priority, at, expiresAt, replyTo, idempotencyKey, body } = message
  const thread = message.thread === id ? undefined : message.thread
  const payload = message.payload && JSON.stringify(message.payload)
  const said = [seq, id, from, spokenBy, to, type, label, priority, at, expiresAt]
  const whileBusy = message.whileBusy === 'wait' ? undefined : message.whileBusy
  const how = [idempotencyKey, message.ackWanted ? 1 : 0, whileBusy]
  connection.run(INSERT, ...said, replyTo, thread, ...how, payload, body)
}

const BY_SEQ = `${SELECT_MESSAGES} where m.seq = ?`
const BY_ID = `${SELECT_MESSAGES} where m.short = ? and m.id = ?`
const BY_KEY = `${SELECT_MESSAGES} where m.sender = ? and m.idempotency_key = ?`
const SEQS_BY_SHORT = `select seq from messages where short = ?`
const REPLIES = `${SELECT_MESSAGES} where m.reply_to = ? order by m.seq`

export function messageBySeq(connection: Connection, seq: number): Message {
  return toMessage(connection.get<MessageRow>(BY_SEQ, seq)!)
}

/** Characters of a body that a list gets: what oneLine needs for its longest line. */
const EXCERPT = 1000
const HEAD_BY_SEQ = `select ${COLUMNS.replace('m.payload, m.body', `null as payload, substr(m.body, 1, ${EXCERPT}) as body`)}
  from messages m where m.seq = ?`

export function messageHeadBySeq(
  connection: Connection,
  seq: number,
): { message: Omit<Message, 'body' | 'payload'>; excerpt: string } {
  const { body: excerpt, payload: _, ...message } = toMessage(connection.get<MessageRow>(HEAD_BY_SEQ, seq)!)
  return { message, excerpt }
}

export function messageById(connection: Connection, id: string): StoredMessage | undefined {
  return stored(connection.get<MessageRow>(BY_ID, shortId(id), id))
}

export function messageByKey(connection: Connection, sender: string, key: string): StoredMessage | undefined {
  return stored(connection.get<MessageRow>(BY_KEY, sender, key))
}

export function messageSeqsByShort(connection: Connection, short: string): number[] {
  return connection.all<{ seq: number }>(SEQS_BY_SHORT, short).map(({ seq }) => seq)
}

export function repliesTo(connection: Connection, id: Id): Message[] {
  return connection.all<MessageRow>(REPLIES, id).map(toMessage)
}

/** Runs a list's own statement, which selects by SELECT_MESSAGES. */
export function selectMessages(connection: Connection, sql: string, values: (string | number)[]): StoredMessage[] {
  return connection.all<MessageRow>(sql, ...values).map(row => stored(row)!)
}

function stored(row: MessageRow | undefined): StoredMessage | undefined {
  return row && { seq: row.seq, message: toMessage(row) }
}

function toMessage(row: MessageRow): Message {
  return {
    id: row.id,
    from: row.from_address,
    spokenBy: row.spoken_by ?? undefined,
    to: row.to_address,
    type: row.type,
    body: row.body,
    payload: row.payload === null ? undefined : (JSON.parse(row.payload) as JsonObject),
    label: row.label ?? undefined,
    priority: row.priority,
    at: row.at,
    expiresAt: row.expires_at ?? undefined,
    replyTo: row.reply_to ?? undefined,
    thread: row.thread ?? row.id,
    idempotencyKey: row.idempotency_key ?? undefined,
    ackWanted: row.ack_wanted === 1,
    whileBusy: row.while_busy ?? 'wait',
  }
}
