/** The work unit that every change of a delivery leaves behind: what happened, from which state to which, on what evidence. */
import { newId } from '../../kernel/ids.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Delivery, DeliveryEvent, DeliveryState } from '../../model/delivery.ts'
import { agencyOf, SYSTEM } from '../../model/names.ts'
import { type Unit, WORKSPACE_CONTEXT } from '../../model/unit.ts'
import type { Connection } from './connection.ts'
import { appendUnit } from './units.ts'

interface Happened {
  /** Beside the events of the table: its acceptance, and its making in place of another. */
  readonly event: DeliveryEvent | 'accept' | 'requeue'
  readonly at: number
  readonly from?: DeliveryState
  readonly evidence?: string
  readonly reason?: string
  readonly replaces?: string
}

export function appendDeliveryUnit(
  connection: Connection,
  message: { readonly id: Delivery['messageId']; readonly from: string },
  delivery: Delivery,
  happened: Happened,
): Unit {
  return appendUnit(connection, {
    id: newId(),
    context: agencyOf(delivery.to) ?? agencyOf(message.from) ?? WORKSPACE_CONTEXT,
    agent: SYSTEM,
    type: 'delivery',
    at: happened.at,
    subject: delivery.id,
    metadata: metadataOf(delivery, happened),
    payload: undefined,
    relations: [{ type: 'REFERENCES', target: message.id }],
  })
}

function metadataOf(delivery: Delivery, { event, from, evidence, reason, replaces }: Happened): JsonObject {
  const { messageId, to, state, attempts, isRedelivery } = delivery
  const metadata: JsonObject = { message: messageId, to, event }
  if (from !== undefined) metadata['from'] = from
  Object.assign(metadata, { state, attempt: attempts, redelivery: isRedelivery })
  if (evidence !== undefined) metadata['evidence'] = evidence
  if (reason !== undefined) metadata['reason'] = reason
  if (replaces !== undefined) metadata['replaces'] = replaces
  return metadata
}
