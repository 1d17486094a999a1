/** Acceptance: the message, its deliveries and their work units, all or nothing, and only once. */
import { AgencyError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { type Delivery, queueDelivery } from '../../model/delivery.ts'
import type { Message } from '../../model/message.ts'
import { agencyOf } from '../../model/names.ts'
import { type UnitDraft, WORKSPACE_CONTEXT } from '../../model/unit.ts'
import type { Accepted, Recipient } from '../store.ts'
import type { Connection } from './connection.ts'
import { deliveriesOf, insertDelivery } from './deliveries.ts'
import { appendDeliveryUnit } from './history.ts'
import { insertMessage, messageById, messageByKey, type StoredMessage } from './messages.ts'
import { appendMessageUnit } from './units.ts'

export function acceptMessage(connection: Connection, message: Message, recipients: readonly Recipient[]): Accepted {
  const first = firstAcceptance(connection, message)
  if (first) return { message: first.message, deliveries: deliveriesOf(connection, first.seq), isDuplicate: true }
  const seq = appendMessageUnit(connection, unitOf(message))
  insertMessage(connection, seq, message)
  const deliveries = recipients.map(recipient => addDelivery(connection, message, { ...recipient, messageSeq: seq }))
  return { message, deliveries, isDuplicate: false }
}

function firstAcceptance(connection: Connection, message: Message): StoredMessage | undefined {
  const { id, idempotencyKey } = message
  const sender = senderOf(message)
  const sameId = messageById(connection, id)
  if (sameId && senderOf(sameId.message) !== sender)
    throw new AgencyError('CONFLICT', `the message id ${id} was used by another sender`, {
      hint: 'send again without an id: a new one is made',
    })
  return sameId ?? (idempotencyKey === undefined ? undefined : messageByKey(connection, sender, idempotencyKey))
}

/** Who answers for a message: the one who really spoke. */
function senderOf(message: Message): string {
  return message.spokenBy ?? message.from
}

function addDelivery(connection: Connection, message: Message, way: Recipient & { messageSeq: number }): Delivery {
  const { to, kind, messageSeq } = way
  const { priority, ackWanted, expiresAt, at } = message
  const accepted = { id: newId(), messageId: message.id, to, kind, seq: 0, priority, ackWanted, expiresAt }
  const draft = queueDelivery(accepted, at)
  const { seq } = appendDeliveryUnit(connection, message, draft, { event: 'accept', at })
  const delivery = { ...draft, seq }
  insertDelivery(connection, messageSeq, delivery)
  return delivery
}

function unitOf(message: Message): UnitDraft {
  const { id, from, spokenBy, to, at, replyTo, label } = message
  const metadata: JsonObject = { to, messageType: message.type }
  if (spokenBy !== undefined) metadata['spokenBy'] = spokenBy
  if (label !== undefined) metadata['label'] = label
  return {
    id,
    // `group:…` and `capability:…` name no agency.
    context: (to.includes(':') ? undefined : agencyOf(to)) ?? agencyOf(from) ?? WORKSPACE_CONTEXT,
    agent: from,
    type: 'message',
    at,
    subject: id,
    metadata,
    payload: undefined,
    relations: replyTo === undefined ? [] : [{ type: 'REPLIES_TO', target: replyTo }],
  }
}
