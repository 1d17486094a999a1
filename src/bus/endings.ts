/** How a delivery ends without having arrived, or without anybody knowing: it is written down, and its sender is told. */
import type { Roster } from '../agencies/roster.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock } from '../kernel/clock.ts'
import { type Id, shortId } from '../kernel/ids.ts'
import { parseJson } from '../kernel/json.ts'
import type { Delivery, DeliveryChange, DeliveryState } from '../model/delivery.ts'
import type { Message } from '../model/message.ts'
import { type Address, EXTERNAL, HUMAN, SYSTEM } from '../model/names.ts'
import type { DeliveryWithMessage } from '../storage/store.ts'
import type { Ledger } from './ledger.ts'
import type { Draft } from './publish.ts'

export interface EndingsParts {
  readonly ledger: Ledger
  readonly roster: Roster
  readonly settings: Settings
  readonly clock: Clock
  readonly publish: (caller: string, draft: Draft) => Promise<unknown>
}

const ENDED: ReadonlySet<DeliveryState> = new Set(['expired', 'dead'])
const UNTOLD = 'endings untold'

export class Endings {
  /** Delivery → what its sender is to be told of its end. */
  readonly #untold = new Map<Id, string>()

  constructor(private readonly parts: EndingsParts) {}

  /** Whether it was handed over as often as the settings allow. */
  isSpent({ attempts }: Delivery): boolean {
    return attempts >= this.parts.settings.delivery.maxAttempts
  }

  async expire(item: DeliveryWithMessage): Promise<void> {
    const what = 'expired: its time to live was over before it could be handed over'
    await this.#end(item, { event: 'expire', reason: 'its time to live is over' }, what)
  }

  async bury(item: DeliveryWithMessage, reason: string): Promise<void> {
    await this.#end(item, { event: 'bury', reason }, `dead: ${reason}`)
  }

  /** Nothing sweeps what has ended: that its sender is to be told is written down first, or a crash in between would hide the end. */
  async #end(
    { delivery: { id }, message }: DeliveryWithMessage,
    change: Pick<DeliveryChange, 'event' | 'reason'>,
    what: string,
  ): Promise<void> {
    const { ledger, clock } = this.parts
    const hears = this.#hears(message.from)
    if (hears) await this.#remember(() => this.#untold.set(id, what))
    const moved = await ledger.move(id, { ...change, at: clock.now() })
    if (moved) await this.tellSender(message, moved, what)
    if (hears) await this.#remember(() => this.#untold.delete(id))
  }

  /** After a start: senders that the daemon before this one has not told. */
  async tellUntold(): Promise<void> {
    const { store } = this.parts.ledger
    const untold = parseJson((await store.marked(UNTOLD)) || '[]')
    for (const [id, what] of (untold.ok ? untold.value : []) as [Id, string][]) {
      const found = await store.find(id)
      const delivery = found?.deliveries.find(one => one.id === id)
      if (!found || !delivery || !ENDED.has(delivery.state)) continue
      // The start of a daemon does not fail for it: the next one tries again.
      await this.tellSender(found.message, delivery, what).catch(() => this.#untold.set(id, what))
    }
    await this.#remember(() => undefined)
  }

  async #remember(change: () => unknown): Promise<void> {
    change()
    await this.parts.ledger.store.mark(UNTOLD, JSON.stringify([...this.#untold]))
  }

  async burySpent(item: DeliveryWithMessage): Promise<void> {
    await this.bury(item, `${item.delivery.attempts} hand-overs, and none was taken`)
  }

  async tellSender(message: Message, delivery: Delivery, what: string): Promise<void> {
    if (!this.#hears(message.from)) return
    const notice = `Your message ${shortId(message.id)} to ${delivery.to} is ${what}. See: agency trace ${shortId(message.id)}`
    await this.parts.publish(SYSTEM, {
      to: message.from,
      payload: { type: 'notice', about: message.id, delivery: delivery.id, state: delivery.state, text: notice },
      idempotencyKey: `notice:${delivery.id}:${delivery.state}`,
    })
  }

  #hears(sender: Address): boolean {
    if (sender === SYSTEM || sender === EXTERNAL) return false
    return sender === HUMAN || this.parts.roster.agents.has(sender)
  }
}
