/** Owns every due time: expires, resolves, buries and reminds, so that no delivery rests in a state that nobody looks at. */
import type { Roster } from '../agencies/roster.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock } from '../kernel/clock.ts'
import { shortId } from '../kernel/ids.ts'
import { type Delivery, mayHaveArrived } from '../model/delivery.ts'
import type { Message } from '../model/message.ts'
import { EXTERNAL, HUMAN, SYSTEM } from '../model/names.ts'
import type { DeliveryWithMessage } from '../storage/store.ts'
import type { Ledger } from './ledger.ts'
import type { Draft } from './publish.ts'
import type { Router } from './router.ts'

export interface SweeperParts {
  readonly ledger: Ledger
  readonly router: Router
  readonly roster: Roster
  readonly settings: Settings
  readonly clock: Clock
  readonly publish: (caller: string, draft: Draft) => Promise<unknown>
}

const BATCH = 200
const PULLED_AGAIN_MS = 3_600_000

export class Sweeper {
  constructor(private readonly parts: SweeperParts) {}

  async tick(): Promise<void> {
    const { ledger, clock } = this.parts
    for (const item of await ledger.store.due(clock.now(), BATCH)) await this.#sweep(item)
  }

  /** After a start of the daemon: what was claimed has not left, and what was under way is looked for. */
  async recover(): Promise<void> {
    const { ledger, clock } = this.parts
    for (const { delivery } of await ledger.store.inStates(['claimed'], 100_000))
      await ledger.move(delivery.id, {
        event: 'release',
        at: clock.now(),
        evidence: 'the daemon ended before anything left',
      })
    for (const item of await ledger.store.inStates(['handing'], 100_000))
      await ledger.store.postpone(item.delivery.id, clock.now())
  }

  async #sweep(item: DeliveryWithMessage): Promise<void> {
    const { ledger, clock, router, settings } = this.parts
    const { delivery, message } = item
    const now = clock.now()
    const hasNotLeft = delivery.state === 'queued' || delivery.state === 'held'
    if (hasNotLeft && delivery.expiresAt !== undefined && delivery.expiresAt <= now) {
      const moved = await ledger.move(delivery.id, { event: 'expire', at: now, reason: 'its time to live is over' })
      if (moved)
        await this.#tellSender(message, moved, 'expired: its time to live was over before it could be handed over')
    } else if (hasNotLeft && delivery.attempts >= settings.delivery.maxAttempts) {
      const moved = await ledger.move(delivery.id, {
        event: 'bury',
        at: now,
        reason: `${delivery.attempts} hand-overs without evidence of arrival`,
      })
      if (moved)
        await this.#tellSender(message, moved, `dead after ${delivery.attempts} hand-overs without evidence of arrival`)
    } else if (hasNotLeft) {
      router.wake(delivery.to)
      await ledger.store.postpone(delivery.id, this.#nextLook(delivery, now))
    } else if (delivery.state === 'claimed') {
      // A lane that holds it still is told by the table that it has moved; one that died has lost nothing.
      await ledger.move(delivery.id, { event: 'release', at: now, evidence: 'claimed for too long' })
      router.wake(delivery.to)
    } else if (mayHaveArrived(delivery.state)) await this.#lookAgain(item, now)
    else if (delivery.state === 'confirmed') await this.#missedAck(item, now)
  }

  #nextLook(delivery: Delivery, now: number): number {
    const isPulled = delivery.kind === 'copy' || !this.parts.roster.agents.has(delivery.to)
    const look = now + (isPulled ? PULLED_AGAIN_MS : 5_000)
    return delivery.expiresAt === undefined ? look : Math.min(look, delivery.expiresAt)
  }

  async #lookAgain(item: DeliveryWithMessage, now: number): Promise<void> {
    const { ledger, router } = this.parts
    const { id, state } = item.delivery
    // Never retyped by itself: only evidence moves an unknown delivery, and it is shown until a person decides.
    if (state === 'unknown') {
      await ledger.store.postpone(id, now + 60_000)
      return
    }
    // Claimed first by the clock: a second sweep must not resolve it beside this one.
    await ledger.store.postpone(id, now + 5_000)
    await router.resolve(item)
    router.wake(item.delivery.to)
    const found = await ledger.store.find(id)
    const moved = found?.deliveries.find(delivery => delivery.id === id)
    if (moved?.state === 'unknown')
      await this.#tellSender(item.message, moved, `unknown: ${moved.reason ?? 'nobody can tell whether it arrived'}`)
  }

  async #missedAck(item: DeliveryWithMessage, now: number): Promise<void> {
    const { ledger, settings } = this.parts
    const { delivery, message } = item
    if (delivery.attempts < settings.delivery.maxAttempts && delivery.attempts > 0) {
      await ledger.move(delivery.id, {
        event: 'retry',
        at: now,
        evidence: `no ack within ${settings.delivery.ackTimeout} s`,
      })
      return
    }
    const moved = await ledger.move(delivery.id, { event: 'bury', at: now, reason: 'no ack' })
    if (moved) await this.#tellSender(message, moved, 'dead: it was confirmed, but never acknowledged')
  }

  async #tellSender(message: Message, delivery: Delivery, what: string): Promise<void> {
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
