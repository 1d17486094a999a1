/** Finds a message by what people have of it: its id, the id of a delivery, or the last 8 digits of either. */
import { AgencyError } from '../../kernel/errors.ts'
import { isId, isShortId } from '../../kernel/ids.ts'
import type { MessageWithDeliveries } from '../../model/message.ts'
import type { Connection } from './connection.ts'
import { deliveriesOf, deliveryById, messageSeqsByDeliveryShort } from './deliveries.ts'
import { messageById, messageBySeq, messageSeqsByShort } from './messages.ts'

/** AgencyError('CONFLICT') when a short id fits several messages. */
export function findMessage(connection: Connection, idOrShort: string): MessageWithDeliveries | undefined {
  const seq = seqOf(connection, idOrShort.toLowerCase())
  if (seq === undefined) return undefined
  return { message: messageBySeq(connection, seq), deliveries: deliveriesOf(connection, seq) }
}

function seqOf(connection: Connection, id: string): number | undefined {
  if (isId(id)) return messageById(connection, id)?.seq ?? deliveryById(connection, id)?.messageSeq
  if (!isShortId(id)) return undefined
  const seqs = new Set([...messageSeqsByShort(connection, id), ...messageSeqsByDeliveryShort(connection, id)])
  if (seqs.size > 1)
    throw new AgencyError('CONFLICT', `the short id ${id} fits ${seqs.size} messages`, {
      hint: `give the whole id: ${[...seqs].map(seq => messageBySeq(connection, seq).id).join(' or ')}`,
    })
  return [...seqs][0]
}
