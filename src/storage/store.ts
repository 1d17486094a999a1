/** PORT: what happened and what is. Every method is one whole change of the domain in one transaction, with its work units. */
import type { Id } from '../kernel/ids.ts'
import type { AgencyRecord, AgentRecord } from '../model/agent.ts'
import type { Delivery, DeliveryChange, DeliveryKind, DeliveryState } from '../model/delivery.ts'
import type { Message, MessageType, MessageWithDeliveries } from '../model/message.ts'
import type { Address } from '../model/names.ts'
import type { Unit, UnitDraft, UnitType } from '../model/unit.ts'
import type { LockStore } from './lockStore.ts'
import type { MeasureStore } from './measureStore.ts'
import type { SandboxStore } from './sandboxStore.ts'
import type { SubmissionStore } from './submissionStore.ts'
import type { TaskStore } from './taskStore.ts'

export interface Recipient {
  readonly to: Address
  readonly kind: DeliveryKind
}

export interface Accepted extends MessageWithDeliveries {
  /** True when this id, or this sender's idempotency key, was accepted before: the first acceptance is returned and nothing is added. */
  readonly isDuplicate: boolean
}

export interface DeliveryWithMessage {
  readonly delivery: Delivery
  readonly message: Message
}

/** A delivery with as much of its message as a list shows: bodies may have megabytes. */
export interface DeliveryAtAGlance {
  readonly delivery: Delivery
  readonly message: Omit<Message, 'body' | 'payload'>
  /** The first words of the body. */
  readonly excerpt: string
}

export interface MessageFilter {
  readonly involving?: Address
  readonly agency?: string
  readonly type?: MessageType
  readonly thread?: Id
  readonly state?: DeliveryState
  /** Only messages accepted after this one, by order of acceptance. */
  readonly after?: number
  readonly sinceMs?: number
}

export interface ListedMessage extends MessageWithDeliveries {
  /** Order of acceptance: a cursor for `after`. */
  readonly seq: number
}

/** Messages and their deliveries. */
export interface BusStore {
  /** Durable when it resolves: on disk before the sender is told. AgencyError('CONFLICT') when the id was used by another sender. */
  accept(message: Message, recipients: readonly Recipient[]): Promise<Accepted>

  /** The delivery that a claim would take first: by priority and then by order of acceptance, among those that may go now. */
  next(to: Address, now: number): Promise<DeliveryWithMessage | undefined>
  /** Takes the next `limit` deliveries that may go now (queued, or held until now) and claims them in order. */
  claim(to: Address, now: number, limit: number): Promise<readonly DeliveryWithMessage[]>
  /** Moves a delivery by the table of `model/delivery.ts`. Undefined when the table refuses the step from its present state. */
  advance(delivery: Id, change: DeliveryChange): Promise<Delivery | undefined>
  /** Moves the time at which the sweeper looks at a delivery, and nothing else: no state changes, so no work unit. */
  postpone(delivery: Id, dueAt: number): Promise<void>
  /** Deliveries under way to this recipient: claimed, handing, handed, unknown, or confirmed and waiting for an ack. */
  underWay(to: Address): Promise<readonly Delivery[]>
  /** Deliveries whose due time has come, oldest first. */
  due(now: number, limit: number): Promise<readonly DeliveryWithMessage[]>
  /** The earliest time at which a delivery is due; undefined when none is open. */
  nextDue(): Promise<number | undefined>
  /** Every open delivery in one of these states, for recovery, views and doctor. */
  inStates(states: readonly DeliveryState[], limit: number): Promise<readonly DeliveryAtAGlance[]>
  /** How many deliveries wait (queued, held, claimed, handing, handed, unknown; copies apart) for each recipient that has any. */
  waiting(): Promise<ReadonlyMap<Address, number>>
  /** Makes a new delivery of the same message to the same recipient, marked as a redelivery, in place of one that is dead, expired, cancelled or unknown (an unknown one is buried). */
  requeue(delivery: Id, at: number): Promise<Delivery>
  /** Forgets dead, expired and cancelled deliveries of before; their work units stay. Returns how many. */
  purge(before: number): Promise<number>

  /** What the recipient's inbox holds: newest last. `isUnread` leaves out what is confirmed or acked, and what has expired, died or been withdrawn. */
  inbox(to: Address, options: { isUnread: boolean; limit: number }): Promise<readonly DeliveryWithMessage[]>
  /** By id or by short id (the last 8 hex digits) of the message, or of one of its deliveries. AgencyError('CONFLICT') when a short id fits several. */
  find(idOrShort: string): Promise<MessageWithDeliveries | undefined>
  /** Oldest first. With `after`, those that follow it; without, the newest `limit`. */
  messages(filter: MessageFilter, limit: number): Promise<readonly ListedMessage[]>
  /** Messages that answer this one, oldest first. */
  replies(message: Id): Promise<readonly Message[]>
}

/** Who there is. */
export interface RosterStore {
  saveAgency(record: AgencyRecord, unit?: UnitDraft): Promise<void>
  saveAgent(record: AgentRecord, unit?: UnitDraft): Promise<void>
  agencies(): Promise<readonly AgencyRecord[]>
  agents(): Promise<readonly AgentRecord[]>
  /** Forgets the agency and its agents and buries their open deliveries with the reason. Messages and work units stay. */
  removeAgency(name: string, at: number, reason: string): Promise<void>
  removeAgent(address: Address, at: number, reason: string): Promise<void>
}

export interface UnitFilter {
  /** Only units after this order number. */
  readonly after?: number
  /** Only units up to this order number, itself among them. */
  readonly upTo?: number
  readonly subject?: string
  readonly context?: string
  /** By this address, to it, or about it. */
  readonly about?: Address
  /** Of this agency's context, or by one of its agents. */
  readonly agency?: string
  readonly type?: UnitType
  /** Messages and deliveries are most of the log: all the rest. */
  readonly withoutMessages?: boolean
  /** Times are milliseconds since the epoch; `untilMs` itself is left out. */
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Words that stand in it somewhere, small letters as good as capitals. */
  readonly text?: string
  /** What belongs to a task: its own units, what carries its label, the conversations of those messages, their deliveries. */
  readonly task?: { readonly id?: string | undefined; readonly label?: string | undefined }
}

/** The log of work units, and small facts beside it. */
export interface LogStore {
  append(unit: UnitDraft): Promise<Unit>
  /** The first of them, or with `newest` the last; oldest first either way. A message's unit carries its body as payload. */
  units(filter: UnitFilter, limit: number, which?: 'oldest' | 'newest'): Promise<readonly Unit[]>
  /** Order numbers of the first and the last unit of a time, or of the whole log; undefined when there is none. */
  unitSpan(time: { sinceMs?: number; untilMs?: number }): Promise<{ first: number; last: number } | undefined>

  /** A small durable fact of the daemon itself, such as how far a spool has been read. */
  mark(name: string, value: string): Promise<void>
  marked(name: string): Promise<string | undefined>
}

export interface Store
  extends BusStore,
    RosterStore,
    LogStore,
    TaskStore,
    LockStore,
    SubmissionStore,
    MeasureStore,
    SandboxStore,
    AsyncDisposable {
  /** Counts the changes that were asked for: while it stands still, nothing is written, and nobody need look whether something was. */
  readonly changes: number
  /** Called each time that a change is asked for. Returns what ends it. */
  onChange(listener: () => void): () => void
  /** Checks the whole store. Empty when sound, else what is wrong. */
  check(): Promise<readonly string[]>
}
