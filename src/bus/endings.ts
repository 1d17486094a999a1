/** How a delivery ends without having arrived, or without anybody knowing: it is written down, and its sender is told. */
import type { Roster } from '../agencies/roster.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock } from '../kernel/clock.ts'
import { shortId } from '../kernel/ids.ts'
import type { Delivery } from '../model/delivery.ts'
import type { Message } from '../model/message.ts'
import { EXTERNAL, HUMAN, SYSTEM } from '../model/names.ts'
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

export class Endings {
  constructor(private readonly parts: EndingsParts) {}

  /** Whether it was handed over as often as the settings allow. */
  isSpent({ attempts }: Delivery): boolean {
    return attempts >= this.parts.settings.delivery.maxAttempts
  }

  async expire({ delivery, message }: DeliveryWithMessage): Promise<void> {
    const at = this.parts.clock.now()
    const moved = await this.parts.ledger.move(delivery.id, { event: 'expire', at, reason: 'its time to live is over' })
    if (moved)
      await this.tellSender(message, moved, 'expired: its time to live was over before it could be handed over')
  }

  async bury({ delivery, message }: DeliveryWithMessage, reason: string): Promise<void> {
    const moved = await this.parts.ledger.move(delivery.id, { event: 'bury', at: this.parts.clock.now(), reason })
    if (moved) await this.tellSender(message, moved, `dead: ${reason}`)
  }

  async burySpent(item: DeliveryWithMessage): Promise<void> {
    await this.bury(item, `${item.delivery.attempts} hand-overs, and none was taken`)
  }

  async tellSender(message: Message, delivery: Delivery, what: string): Promise<void> {
    if (message.from === SYSTEM || message.from === EXTERNAL) return
    const isThere = message.from === HUMAN || this.parts.roster.agents.has(message.from)
    if (!isThere) return
    const notice = `Your message ${shortId(message.id)} to ${delivery.to} is ${what}. See: agency trace ${shortId(message.id)}`
    await this.parts.publish(SYSTEM, {
      to: message.from,
      payload: { type: 'notice', about: message.id, delivery: delivery.id, state: delivery.state, text: notice },
      idempotencyKey: `notice:${delivery.id}:${delivery.state}`,
    })
  }
}
