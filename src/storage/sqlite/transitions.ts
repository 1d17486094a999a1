/** Changes of deliveries: the model decides, one conditional statement stores it, one work unit records it. */
import { AgencyError } from '../../kernel/errors.ts'
import { type Id, newId } from '../../kernel/ids.ts'
import { advance, type Delivery, type DeliveryChange, queueDelivery } from '../../model/delivery.ts'
import type { Address } from '../../model/names.ts'
import type { DeliveryWithMessage } from '../store.ts'
import type { Connection } from './connection.ts'
import {
  claimableFor,
  deliveryById,
  insertDelivery,
  replaceDelivery,
  type StoredDelivery,
  updateDelivery,
} from './deliveries.ts'
import { appendDeliveryUnit } from './history.ts'
import { messageBySeq } from './messages.ts'

/** Undefined when the table of the model refuses the step. AgencyError('NOT_FOUND') when there is no such delivery. */
export function advanceDelivery(connection: Connection, id: Id, change: DeliveryChange): Delivery | undefined {
  const { delivery, messageSeq } = mustFind(connection, id)
  const { from } = messageBySeq(connection, messageSeq)
  return store(connection, delivery, from, change)
}

export function claimFor(connection: Connection, to: Address, now: number, limit: number): DeliveryWithMessage[] {
  return claimableFor(connection, to, now, limit).map(({ delivery, message }) => {
    const claimed = store(connection, delivery, message.from, { event: 'claim', at: now })
    if (!claimed) throw new Error(`delivery ${delivery.id} was ${delivery.state} and refused to be claimed`)
    return { delivery: claimed, message }
  })
}

function store(connection: Connection, old: Delivery, sender: Address, change: DeliveryChange): Delivery | undefined {
  const next = advance(old, change)
  if (next === 'refuse' || !updateDelivery(connection, old.state, next)) return undefined
  const { event, at, evidence, reason } = change
  const message = { id: old.messageId, from: sender }
  appendDeliveryUnit(connection, message, next, { event, at, from: old.state, evidence, reason })
  return next
}

const REPLACEABLE = new Set(['dead', 'expired', 'cancelled', 'unknown'])

/** AgencyError('NOT_FOUND') when there is no such delivery, ('CONFLICT') when it is still on its way, arrived, or replaced. */
export function requeueDelivery(connection: Connection, id: Id, at: number): Delivery {
  const old = mustFind(connection, id)
  assertReplaceable(old)
  const reason = 'requeued'
  if (old.delivery.state === 'unknown') advanceDelivery(connection, id, { event: 'bury', at, reason })
  const replacement = redeliver(connection, old, at)
  replaceDelivery(connection, old.delivery, replacement)
  return replacement
}

function redeliver(connection: Connection, { delivery: old, messageSeq }: StoredDelivery, at: number): Delivery {
  const message = messageBySeq(connection, messageSeq)
  // It lives as long again as it was given at first.
  const expiresAt = message.expiresAt === undefined ? undefined : at + (message.expiresAt - message.at)
  const { messageId, to, kind, seq, priority, ackWanted } = old
  const earlierAttempts = old.earlierAttempts + old.attempts
  const taken = { id: newId(), messageId, to, kind, seq, priority, ackWanted, expiresAt, earlierAttempts }
  const queued = queueDelivery(taken, at)
  const draft = { ...queued, isRedelivery: true }
  const unit = appendDeliveryUnit(connection, message, draft, { event: 'requeue', at, replaces: old.id })
  const delivery = { ...draft, seq: unit.seq }
  insertDelivery(connection, messageSeq, delivery)
  return delivery
}

function assertReplaceable({ delivery, replacedBy }: StoredDelivery): void {
  if (!REPLACEABLE.has(delivery.state))
    throw new AgencyError('CONFLICT', `the delivery ${delivery.id} is ${delivery.state} and cannot be requeued`, {
      hint: `see where it is: agency trace ${delivery.id}`,
    })
  if (replacedBy !== undefined)
    throw new AgencyError('CONFLICT', `the delivery ${delivery.id} was requeued before`, {
      hint: `see the new one: agency trace ${delivery.messageId}`,
    })
}

/** Buries open deliveries whose recipient is gone. */
export function buryAll(connection: Connection, deliveries: readonly Delivery[], at: number, reason: string): void {
  for (const { id } of deliveries) advanceDelivery(connection, id, { event: 'bury', at, reason })
}

function mustFind(connection: Connection, id: Id): StoredDelivery {
  const found = deliveryById(connection, id)
  if (!found)
    throw new AgencyError('NOT_FOUND', `there is no delivery ${id}`, { hint: 'list what there is: agency messages' })
  return found
}
