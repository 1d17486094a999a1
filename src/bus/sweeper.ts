/** Owns every due time: expires, resolves, buries and reminds, so that no delivery rests in a state that nobody looks at. */
import type { Roster } from '../agencies/roster.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock } from '../kernel/clock.ts'
import { type Delivery, mayHaveArrived } from '../model/delivery.ts'
import type { Address } from '../model/names.ts'
import type { DeliveryWithMessage } from '../storage/store.ts'
import type { Endings } from './endings.ts'
import type { Ledger } from './ledger.ts'
import type { Router } from './router.ts'

export interface SweeperParts {
  readonly ledger: Ledger
  readonly router: Router
  readonly roster: Roster
  readonly settings: Settings
  readonly clock: Clock
  readonly endings: Endings
}

const BATCH = 200
const PULLED_AGAIN_MS = 3_600_000

export class Sweeper {
  #changes = -1
  #nextAt = 0

  constructor(private readonly parts: SweeperParts) {}

  /** A tick, when something is due or may have become so; otherwise it costs nothing to ask. */
  async tickWhenDue(): Promise<void> {
    const { ledger, clock } = this.parts
    const { changes } = ledger.store
    if (changes === this.#changes && clock.now() < this.#nextAt) return
    await this.tick()
    this.#nextAt = (await ledger.store.nextDue()) ?? Number.POSITIVE_INFINITY
    this.#changes = changes
  }

  /** As far as is known: a change of the store may bring something nearer. */
  get dueInMs(): number {
    return this.#nextAt - this.parts.clock.now()
  }

  async tick(): Promise<void> {
    const { ledger, clock } = this.parts
    const failures: unknown[] = []
    for (const item of await ledger.store.due(clock.now(), BATCH))
      await this.#sweep(item).catch(error => failures.push(error))
    // Told once the others have been seen to.
    if (failures.length > 0) throw failures[0]
  }

  /** After a start of the daemon: what was claimed has not left, and what was under way is looked for. */
  async recover(): Promise<void> {
    const { ledger, clock, endings } = this.parts
    for (const { delivery } of await ledger.store.inStates(['claimed'], 100_000))
      await ledger.move(delivery.id, {
        event: 'release',
        at: clock.now(),
        evidence: 'the daemon ended before anything left',
      })
    for (const item of await ledger.store.inStates(['handing'], 100_000))
      await ledger.store.postpone(item.delivery.id, clock.now())
    await endings.tellUntold()
  }

  /** A new start of a program: what the one before was given and has not confirmed is looked for now. */
  async lookFor(address: Address, instance: number): Promise<void> {
    const { ledger, clock } = this.parts
    for (const delivery of await ledger.store.underWay(address))
      if (delivery.instance !== instance && mayHaveArrived(delivery.state))
        await ledger.store.postpone(delivery.id, clock.now())
  }

  async #sweep(item: DeliveryWithMessage): Promise<void> {
    const { ledger, clock, router, endings } = this.parts
    const { delivery } = item
    const now = clock.now()
    const hasNotLeft = delivery.state === 'queued' || delivery.state === 'held'
    if (hasNotLeft && delivery.expiresAt !== undefined && delivery.expiresAt <= now) await endings.expire(item)
    else if (hasNotLeft && endings.isSpent(delivery)) await endings.burySpent(item)
    else if (hasNotLeft) {
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
    const { ledger, router, endings } = this.parts
    const { id, state, door } = item.delivery
    // Never retyped by itself: only evidence moves an unknown delivery, and it is shown until a person decides. That a
    // script has ended is evidence; a screen that once could not be read says no more later.
    if (state === 'unknown' && door !== 'process') {
      await ledger.store.postpone(id, now + 60_000)
      return
    }
    // Claimed first by the clock: a second sweep must not resolve it beside this one.
    await ledger.store.postpone(id, now + 5_000)
    await router.resolve(item)
    router.wake(item.delivery.to)
    const found = await ledger.store.find(id)
    const moved = found?.deliveries.find(delivery => delivery.id === id)
    if (moved?.state === 'unknown' && state !== 'unknown')
      await endings.tellSender(item.message, moved, `unknown: ${moved.reason ?? 'nobody can tell whether it arrived'}`)
  }

  async #missedAck(item: DeliveryWithMessage, now: number): Promise<void> {
    const { ledger, settings, endings } = this.parts
    const { id, attempts } = item.delivery
    const evidence = `no ack within ${settings.delivery.ackTimeout} s`
    if (attempts > 0 && !endings.isSpent(item.delivery)) await ledger.move(id, { event: 'retry', at: now, evidence })
    else await endings.bury(item, 'it was confirmed, but never acknowledged')
  }
}
