/** The one way in which the bus changes the store, so that everybody who waits for a change hears of it. */
import type { Id } from '../kernel/ids.ts'
import { type Delivery, type DeliveryChange, type DeliveryState, isFinal } from '../model/delivery.ts'
import type { Message } from '../model/message.ts'
import type { Accepted, DeliveryWithMessage, Recipient, Store } from '../storage/store.ts'

export type LedgerEvent =
  | { readonly kind: 'accepted'; readonly accepted: Accepted }
  | { readonly kind: 'moved'; readonly delivery: Delivery; readonly change: DeliveryChange }

/** Points at which a test pulls the plug: before and after each durable write and each outside effect. */
export type CrashPoint =
  | 'accept:before-write'
  | 'accept:after-write'
  | 'claim:after-write'
  | 'begin:after-write'
  | 'paste:after'
  | 'enter:after'
  | 'line:after'
  | 'submit:after'
  | 'hand:after-write'
  | 'confirm:before-write'
  | 'confirm:after-write'

export class Ledger {
  readonly #listeners = new Set<(event: LedgerEvent) => void>()

  constructor(
    readonly store: Store,
    /** Called at every named point; does nothing but in a crash test. */
    readonly reach: (point: CrashPoint) => void,
    /** How long a confirmed delivery waits for the ack that was asked for. */
    private readonly ackTimeoutMs: number,
  ) {}

  onEvent(listener: (event: LedgerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async accept(message: Message, recipients: readonly Recipient[]): Promise<Accepted> {
    this.reach('accept:before-write')
    const accepted = await this.store.accept(message, recipients)
    this.reach('accept:after-write')
    if (!accepted.isDuplicate) this.#tell({ kind: 'accepted', accepted })
    return accepted
  }

  async claim(to: string, now: number, limit: number): Promise<readonly DeliveryWithMessage[]> {
    const claimed = await this.store.claim(to, now, limit)
    if (claimed.length > 0) this.reach('claim:after-write')
    return claimed
  }

  /** Undefined when the table refuses the step, because something else moved the delivery meanwhile. */
  async move(delivery: Id, change: DeliveryChange): Promise<Delivery | undefined> {
    if (change.event === 'confirm') this.reach('confirm:before-write')
    const dueAt = change.dueAt ?? (change.event === 'confirm' ? change.at + this.ackTimeoutMs : undefined)
    const moved = await this.store.advance(delivery, { ...change, dueAt })
    if (change.event === 'confirm') this.reach('confirm:after-write')
    if (change.event === 'begin') this.reach('begin:after-write')
    if (change.event === 'hand') this.reach('hand:after-write')
    if (moved) this.#tell({ kind: 'moved', delivery: moved, change })
    return moved
  }

  async requeue(delivery: Id, at: number): Promise<Delivery> {
    const made = await this.store.requeue(delivery, at)
    this.#tell({ kind: 'moved', delivery: made, change: { event: 'release', at } })
    return made
  }

  /** Resolves when the deliveries have reached the goal, can no longer reach it, or the signal aborts; returns them as they are. */
  async settled(deliveries: readonly Delivery[], goal: Goal, signal: AbortSignal): Promise<readonly Delivery[]> {
    const latest = new Map(deliveries.map(delivery => [delivery.id, delivery]))
    const isDone = () =>
      [...latest.values()].every(
        delivery =>
          hasReached(delivery, goal) || isFinal(delivery.state, goal === 'acked') || delivery.state === 'unknown',
      )
    const { promise, resolve } = latch()
    const stop = this.onEvent(event => {
      if (event.kind !== 'moved' || !latest.has(event.delivery.id)) return
      latest.set(event.delivery.id, event.delivery)
      if (isDone()) resolve()
    })
    signal.addEventListener('abort', () => resolve(), { once: true })
    try {
      // What moved between the caller's look and our listening is read again.
      for (const id of latest.keys()) {
        const found = await this.store.find(id)
        const now = found?.deliveries.find(delivery => delivery.id === id)
        if (now) latest.set(id, now)
      }
      if (!isDone() && !signal.aborted) await promise
      return [...latest.values()]
    } finally {
      stop()
    }
  }

  #tell(event: LedgerEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

export type Goal = 'handed' | 'confirmed' | 'acked'

const REACHED: Record<Goal, ReadonlySet<DeliveryState>> = {
  handed: new Set(['handed', 'confirmed', 'acked']),
  confirmed: new Set(['confirmed', 'acked']),
  acked: new Set(['acked']),
}

export function hasReached(delivery: Pick<Delivery, 'state'>, goal: Goal): boolean {
  return REACHED[goal].has(delivery.state)
}

function latch(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
