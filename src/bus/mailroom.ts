/** The counter of the bus: a message is handed in, answered, waited for and followed. */
import type { Clock } from '../kernel/clock.ts'
import type { Id } from '../kernel/ids.ts'
import type { Delivery } from '../model/delivery.ts'
import { type Message, replyType } from '../model/message.ts'
import type { Address } from '../model/names.ts'
import type { Accepted, ListedMessage, MessageFilter, Store } from '../storage/store.ts'
import { awaitAnswer } from './answer.ts'
import type { Archive } from './archive.ts'
import { followMessages } from './follow.ts'
import type { Goal, Ledger } from './ledger.ts'
import type { Draft, Publisher } from './publish.ts'

export interface MailroomParts {
  readonly publisher: Publisher
  readonly archive: Archive
  readonly ledger: Ledger
  readonly store: Store
  readonly clock: Clock
}

export class Mailroom {
  constructor(private readonly parts: MailroomParts) {}

  send(caller: Address, draft: Draft): Promise<Accepted> {
    return this.parts.publisher.publish(caller, draft)
  }

  async reply(caller: Address, idOrShort: string, draft: Omit<Draft, 'to' | 'replyTo'>): Promise<Accepted> {
    const { message } = await this.parts.archive.find(idOrShort)
    const type = draft.type ?? (draft.payload === undefined ? replyType(message.type) : undefined)
    return this.send(caller, { ...draft, to: message.from, replyTo: message.id, type })
  }

  /** Waits until every delivery that is no copy has come this far, cannot come further, or the signal aborts. */
  async settled(deliveries: readonly Delivery[], goal: Goal, signal: AbortSignal): Promise<readonly Delivery[]> {
    const direct = deliveries.filter(({ kind }) => kind === 'direct')
    const copies = deliveries.filter(({ kind }) => kind === 'copy')
    return [...(await this.parts.ledger.settled(direct, goal, signal)), ...copies]
  }

  /** The first answer to a message, or undefined when the signal aborts before one comes. Who has it this way has read it. */
  answer(caller: Address, message: Id, signal: AbortSignal): Promise<Message | undefined> {
    return awaitAnswer(this.parts, caller, message, signal)
  }

  /** The last `limit`, and then each new one until the signal aborts. */
  follow(filter: MessageFilter, limit: number, signal: AbortSignal): AsyncGenerator<ListedMessage> {
    return followMessages(this.parts, filter, limit, signal)
  }
}
