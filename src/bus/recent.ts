/** The last messages at a glance, and how many pass: kept in memory, so that whoever watches costs the store nothing. */
import type { Clock } from '../kernel/clock.ts'
import type { Id } from '../kernel/ids.ts'
import type { Delivery } from '../model/delivery.ts'
import { counted, type Flow, flowAt, NO_FLOW } from '../model/flow.ts'
import { type Message, summaryState } from '../model/message.ts'
import { messageWords } from '../model/messageWords.ts'
import { oneLine } from '../model/sanitize.ts'
import type { Store } from '../storage/store.ts'
import type { Ledger, LedgerEvent } from './ledger.ts'

export interface RecentMessage {
  readonly id: Id
  readonly at: number
  readonly from: string
  readonly to: string
  readonly type: string
  readonly state: string
  readonly excerpt: string
}

const KEPT = 200
const EXCERPT = 200

interface Kept {
  readonly message: Omit<RecentMessage, 'state'>
  readonly deliveries: Map<Id, Delivery>
}

export class RecentMessages {
  readonly #kept = new Map<Id, Kept>()
  #flow: Flow = NO_FLOW
  #loading: Promise<void> | undefined

  constructor(private readonly parts: { readonly store: Store; readonly ledger: Ledger; readonly clock: Clock }) {
    parts.ledger.onEvent(event => this.#take(event))
  }

  /** Oldest first. Before the first one asks, only what passes is counted. */
  async last(limit: number): Promise<readonly RecentMessage[]> {
    this.#loading ??= this.#load()
    await this.#loading
    const newest = [...this.#kept.values()].slice(-limit)
    return newest.map(({ message, deliveries }) => ({ ...message, state: summaryState([...deliveries.values()]) }))
  }

  flow(): Flow {
    return flowAt(this.#flow, this.parts.clock.now())
  }

  /** What was said before this daemon began. */
  async #load(): Promise<void> {
    const before = await this.parts.store.messages({}, KEPT)
    const since = [...this.#kept.values()]
    this.#kept.clear()
    for (const { message, deliveries } of before) this.#keep(message, deliveries)
    for (const kept of since) this.#kept.set(kept.message.id, kept)
  }

  #take(event: LedgerEvent): void {
    if (event.kind === 'accepted') {
      const { message, deliveries } = event.accepted
      this.#flow = counted(this.#flow, this.parts.clock.now())
      this.#keep(message, deliveries)
    } else this.#kept.get(event.delivery.messageId)?.deliveries.set(event.delivery.id, event.delivery)
  }

  #keep({ id, at, from, to, type, body, payload }: Message, deliveries: readonly Delivery[]): void {
    const excerpt = oneLine(messageWords({ body, payload }), EXCERPT)
    const ways = new Map(deliveries.map(delivery => [delivery.id, delivery]))
    this.#kept.set(id, { message: { id, at, from, to, type, excerpt }, deliveries: ways })
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) return
      this.#kept.delete(oldest)
    }
  }
}
