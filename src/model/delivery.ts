/** A delivery: one message's way to one recipient. Its states, the events that move it, and the total table between them. */
import type { Id } from '../kernel/ids.ts'
import type { Address } from './names.ts'

export const DELIVERY_STATES = [
  'queued',
  'held',
  'claimed',
  'handing',
  'handed',
  'confirmed',
  'acked',
  'unknown',
  'expired',
  'dead',
  'cancelled',
] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

export const DELIVERY_EVENTS = [
  'claim', // the router takes it for a door
  'hold', // it cannot go now, for a reason, until a time
  'release', // back to the queue; nothing has left
  'begin', // intent recorded with the nonce, before anything leaves
  'hand', // it has left: the line was written, Enter was pressed, the program took it
  'confirm', // evidence that the program has it: hook, transcript, composer emptied, pull
  'ack', // the recipient says it has dealt with it, or replied
  'nak', // the recipient gives it back, to be delivered again later
  'retry', // looked, and it is nowhere: it goes again, marked as a redelivery
  'lose', // it may or may not have arrived, and nobody can look
  'expire', // its time to live is over and nothing has left
  'bury', // given up, with the reason
  'cancel', // withdrawn before anything left
] as const
export type DeliveryEvent = (typeof DELIVERY_EVENTS)[number]

type Row = Readonly<Record<DeliveryEvent, DeliveryState | 'refuse'>>

const FINAL: Row = {
  claim: 'refuse',
  hold: 'refuse',
  release: 'refuse',
  begin: 'refuse',
  hand: 'refuse',
  confirm: 'refuse',
  ack: 'refuse',
  nak: 'refuse',
  retry: 'refuse',
  lose: 'refuse',
  expire: 'refuse',
  bury: 'refuse',
  cancel: 'refuse',
}

// Total on purpose: a new state or event does not compile until every cell is decided.
export const NEXT: Readonly<Record<DeliveryState, Row>> = {
  // A recipient may pull what is still queued: reading confirms.
  queued: {
    ...FINAL,
    claim: 'claimed',
    hold: 'held',
    confirm: 'confirmed',
    ack: 'acked',
    expire: 'expired',
    bury: 'dead',
    cancel: 'cancelled',
  },
  held: {
    ...FINAL,
    claim: 'claimed',
    hold: 'held',
    release: 'queued',
    confirm: 'confirmed',
    ack: 'acked',
    expire: 'expired',
    bury: 'dead',
    cancel: 'cancelled',
  },
  claimed: {
    ...FINAL,
    hold: 'held',
    release: 'queued',
    begin: 'handing',
    confirm: 'confirmed',
    ack: 'acked',
    expire: 'expired',
    bury: 'dead',
    cancel: 'cancelled',
  },
  // From here on it may have arrived: it can no longer expire or be cancelled, and going again means a mark. `release` is
  // for the one case in which the terminal itself said that not a byte left.
  handing: {
    ...FINAL,
    release: 'queued',
    hand: 'handed',
    confirm: 'confirmed',
    ack: 'acked',
    nak: 'queued',
    retry: 'queued',
    lose: 'unknown',
    bury: 'dead',
  },
  handed: {
    ...FINAL,
    confirm: 'confirmed',
    ack: 'acked',
    nak: 'queued',
    retry: 'queued',
    lose: 'unknown',
    bury: 'dead',
  },
  confirmed: { ...FINAL, ack: 'acked', nak: 'queued', retry: 'queued', bury: 'dead' },
  // Never handed over again by the clock: only evidence moves it (that it arrived, or that the program which had it is gone),
  // the recipient, or burial. A person's requeue makes a new delivery.
  unknown: {
    ...FINAL,
    lose: 'unknown',
    confirm: 'confirmed',
    ack: 'acked',
    nak: 'queued',
    retry: 'queued',
    bury: 'dead',
  },
  acked: FINAL,
  expired: FINAL,
  dead: FINAL,
  cancelled: FINAL,
}

/** Events after which the same words may stand before the recipient twice, so that the next hand-over is marked. */
const MARKS_REDELIVERY: ReadonlySet<DeliveryEvent> = new Set(['nak', 'retry'])

export type DeliveryKind = 'direct' | 'copy'
export type Door = 'api' | 'hook' | 'process' | 'inbox' | 'typing'

/** Times are milliseconds since the epoch. */
export interface Delivery {
  readonly id: Id
  readonly messageId: Id
  readonly to: Address
  /** A copy waits in the coordinator's inbox and is never typed. */
  readonly kind: DeliveryKind
  /** Order of acceptance, one counter for the workspace. */
  readonly seq: number
  /** 0 low · 1 normal · 2 high · 3 urgent. */
  readonly priority: number
  readonly state: DeliveryState
  /** When it came into this state. */
  readonly since: number
  /** How often a hand-over was begun of which something may have left. */
  readonly attempts: number
  /** The same of the deliveries in whose place it stands: those that a person's requeue ended. */
  readonly earlierAttempts: number
  readonly isRedelivery: boolean
  readonly ackWanted: boolean
  readonly reason: string | undefined
  /** Not claimed before this time. */
  readonly notBefore: number
  /** When the sweeper looks at it next; undefined only in final states. */
  readonly dueAt: number | undefined
  readonly expiresAt: number | undefined
  readonly door: Door | undefined
  /** Which start of the program it was handed to, so that a new start knows what the old one may have had. */
  readonly instance: number | undefined
}

export interface DeliveryChange {
  readonly event: DeliveryEvent
  readonly at: number
  /** What was seen that justifies the change, in words a person understands. */
  readonly evidence?: string
  readonly reason?: string
  readonly notBefore?: number
  readonly dueAt?: number
  readonly door?: Door
  readonly instance?: number
}

export function isFinal(state: DeliveryState, ackWanted: boolean): boolean {
  return (
    state === 'acked' ||
    state === 'expired' ||
    state === 'dead' ||
    state === 'cancelled' ||
    (state === 'confirmed' && !ackWanted)
  )
}

/** States in which the recipient may already have the message. */
export function mayHaveArrived(state: DeliveryState): boolean {
  return state === 'handing' || state === 'handed' || state === 'unknown'
}

/** How long a delivery may stay in a state before the sweeper looks at it, when the change itself names no time. */
const DEFAULT_DUE_MS: Readonly<Record<DeliveryState, number>> = {
  queued: 30_000,
  held: 5_000,
  claimed: 15_000,
  handing: 15_000,
  handed: 30_000,
  confirmed: 600_000,
  unknown: 60_000,
  acked: 0,
  expired: 0,
  dead: 0,
  cancelled: 0,
}

/** The delivery after the change, or 'refuse' when the table has no such step. Pure: the engine stores what this returns. */
export function advance(delivery: Delivery, change: DeliveryChange): Delivery | 'refuse' {
  const state = NEXT[delivery.state][change.event]
  if (state === 'refuse') return 'refuse'
  const ends = isFinal(state, delivery.ackWanted)
  return {
    ...delivery,
    state,
    since: state === delivery.state ? delivery.since : change.at,
    attempts: delivery.attempts + begun(delivery.state, change.event),
    isRedelivery: delivery.isRedelivery || MARKS_REDELIVERY.has(change.event),
    reason: change.reason,
    notBefore: change.notBefore ?? (state === 'queued' || state === 'held' ? 0 : delivery.notBefore),
    dueAt: ends ? undefined : dueTime(state, delivery.expiresAt, change),
    door: change.door ?? delivery.door,
    instance: change.instance ?? delivery.instance,
  }
}

/** A hand-over of which nothing left does not count. */
function begun(from: DeliveryState, event: DeliveryEvent): number {
  if (event === 'begin') return 1
  return from === 'handing' && event === 'release' ? -1 : 0
}

/** Which hand-over of its message the present one is, when it has to say that it is not the first. */
export function redeliveryNumber(
  delivery: Pick<Delivery, 'isRedelivery' | 'attempts' | 'earlierAttempts'>,
): number | undefined {
  return delivery.isRedelivery ? delivery.earlierAttempts + delivery.attempts : undefined
}

/** What waits is looked at when it may go, and when its time to live ends, if that is sooner. */
function dueTime(state: DeliveryState, expiresAt: number | undefined, change: DeliveryChange): number {
  const due = change.dueAt ?? change.notBefore ?? change.at + DEFAULT_DUE_MS[state]
  const waits = state === 'queued' || state === 'held'
  return waits && expiresAt !== undefined ? Math.min(due, expiresAt) : due
}

/** A delivery as it is accepted: queued, and looked at by the sweeper when its time to live ends, if that is sooner. */
export function queueDelivery(
  accepted: Pick<Delivery, 'id' | 'messageId' | 'to' | 'kind' | 'seq' | 'priority' | 'ackWanted' | 'expiresAt'> &
    Partial<Pick<Delivery, 'earlierAttempts'>>,
  at: number,
): Delivery {
  return {
    earlierAttempts: 0,
    ...accepted,
    // A copy is there to be read: nobody has to deal with it.
    ackWanted: accepted.ackWanted && accepted.kind === 'direct',
    state: 'queued',
    since: at,
    attempts: 0,
    isRedelivery: false,
    reason: undefined,
    notBefore: 0,
    dueAt: Math.min(at + DEFAULT_DUE_MS.queued, accepted.expiresAt ?? Number.POSITIVE_INFINITY),
    door: undefined,
    instance: undefined,
  }
}
