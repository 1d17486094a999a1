import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Id } from '../../../src/kernel/ids.ts'
import {
  advance,
  DELIVERY_EVENTS,
  type Delivery,
  type DeliveryEvent,
  isFinal,
  mayHaveArrived,
} from '../../../src/model/delivery.ts'
import { SqliteEngine } from '../../../src/storage/sqlite/engine.ts'
import { message } from '../store.suite.ts'
import { temporaryFolder } from './setup.ts'

const NOW = 1_800_000_000_000
const RECIPIENTS = ['Code/a', 'Code/b', 'human']

type Step =
  | { readonly do: 'accept'; readonly to: number; readonly priority: number; readonly ackWanted: boolean }
  | { readonly do: 'advance'; readonly which: number; readonly event: DeliveryEvent; readonly delayMs: number }
  | { readonly do: 'claim'; readonly to: number; readonly limit: number }
  | { readonly do: 'requeue'; readonly which: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('accept' as const),
    to: fc.nat(2),
    priority: fc.nat(3),
    ackWanted: fc.boolean(),
  }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      which: fc.nat(20),
      event: fc.constantFrom(...DELIVERY_EVENTS),
      delayMs: fc.constantFrom(0, 5),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('claim' as const), to: fc.nat(2), limit: fc.nat(3) }) },
  fc.record({ do: fc.constant('requeue' as const), which: fc.nat(20) }),
)

/** The store beside a plain map of what every delivery must be. */
class Lives {
  readonly #engine: SqliteEngine
  readonly #expected = new Map<Id, Delivery>()
  #now = NOW

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  take(step: Step): void {
    this.#now++
    if (step.do === 'accept') this.#accept(step)
    else if (step.do === 'claim') this.#claim(step)
    else if (step.do === 'advance') this.#advance(step)
    else this.#requeue(step)
  }

  #accept({ to, priority, ackWanted }: Step & { do: 'accept' }): void {
    const recipient = RECIPIENTS[to]!
    const said = message({ to: recipient, priority, ackWanted, at: this.#now })
    for (const delivery of this.#engine.store.accept(said, [{ to: recipient, kind: 'direct' }]).deliveries)
      this.#expected.set(delivery.id, delivery)
  }

  #claim({ to, limit }: Step & { do: 'claim' }): void {
    const mayGo = this.all()
      .filter(each => each.to === RECIPIENTS[to] && (each.state === 'queued' || each.state === 'held'))
      .filter(each => each.notBefore <= this.#now)
      .sort((a, b) => b.priority - a.priority || a.seq - b.seq)
      .slice(0, limit)
    const claimed = this.#engine.store.claim(RECIPIENTS[to]!, this.#now, limit)
    expect(claimed.map(({ delivery }) => delivery.id)).toEqual(mayGo.map(({ id }) => id))
    for (const { delivery } of claimed) this.#moved(delivery)
  }

  #advance({ which, event, delayMs }: Step & { do: 'advance' }): void {
    const old = this.all()[which]
    if (!old) return
    const change = { event, at: this.#now, ...(delayMs ? { notBefore: this.#now + delayMs } : {}) }
    const moved = this.#engine.store.advance(old.id, change)
    expect(moved ?? 'refuse').toEqual(advance(old, change))
    if (moved) this.#moved(moved)
  }

  #requeue({ which }: Step & { do: 'requeue' }): void {
    const old = this.all()[which]
    if (!old) return
    if (!['dead', 'expired', 'cancelled', 'unknown'].includes(old.state)) {
      expect(() => this.#engine.store.requeue(old.id, this.#now)).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
      return
    }
    const fresh = this.#engine.store.requeue(old.id, this.#now)
    expect(fresh).toMatchObject({ state: 'queued', isRedelivery: true, to: old.to, messageId: old.messageId })
    expect(fresh.seq).toBeGreaterThan(Math.max(...this.all().map(({ seq }) => seq)))
    this.#expected.delete(old.id)
    this.#expected.set(fresh.id, fresh)
  }

  #moved(delivery: Delivery): void {
    const old = this.#expected.get(delivery.id)!
    // Invariants 1 to 6 of src/model/README.md.
    expect(delivery.dueAt === undefined).toBe(isFinal(delivery.state, delivery.ackWanted))
    if (mayHaveArrived(old.state) && old.state !== 'handing' && delivery.state === 'queued')
      expect(delivery.isRedelivery).toBe(true)
    expect(['acked', 'expired', 'dead', 'cancelled']).not.toContain(old.state)
    if (delivery.state === 'expired' || delivery.state === 'cancelled')
      expect(['queued', 'held', 'claimed']).toContain(old.state)
    const isTakenBack = old.state === 'handing' && delivery.state === 'queued' && !delivery.isRedelivery
    if (!isTakenBack) expect(delivery.attempts - old.attempts).toBe(delivery.state === 'handing' ? 1 : 0)
    if (old.isRedelivery) expect(delivery.isRedelivery).toBe(true)
    this.#expected.set(delivery.id, delivery)
  }

  all(): Delivery[] {
    return [...this.#expected.values()]
  }

  compare(): void {
    for (const delivery of this.all()) expect(this.#engine.store.find(delivery.id)?.deliveries).toEqual([delivery])
    const waits = this.all().filter(({ state, dueAt }) => dueAt !== undefined && state !== 'confirmed')
    const counts = new Map<string, number>()
    for (const { to } of waits) counts.set(to, (counts.get(to) ?? 0) + 1)
    expect(this.#engine.store.waiting()).toEqual(counts)
    expect(this.#engine.store.check()).toEqual([])
  }
}

describe('random lives of deliveries', () => {
  it('R-BUS-4 are in the store what the model says, and keep its invariants', () => {
    const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
    const { connection } = engine
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), steps => {
        connection.execute('savepoint life')
        try {
          const lives = new Lives(engine)
          for (const each of steps) lives.take(each)
          lives.compare()
        } finally {
          connection.execute('rollback to life; release life')
        }
      }),
      { numRuns: 150 },
    )
    engine.close()
  })
})
