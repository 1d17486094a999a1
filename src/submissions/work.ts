/** Everything that goes on around submissions without anybody asking: hearing, trying, telling, merging, watching. */

import { SYSTEM } from '../model/names.ts'
import type { Task } from '../model/task.ts'
import { Ending } from './ending.ts'
import { Gatekeeper } from './gatekeeper.ts'
import type { HandIn } from './handIn.ts'
import { Hearing } from './hearing.ts'
import { HeldWork } from './heldWork.ts'
import { Keeper } from './keeper.ts'
import { Merger } from './merger.ts'
import type { SubmissionParts } from './parts.ts'
import { RefWatch } from './refWatch.ts'

const MOST = 5_000

export class SubmissionWork {
  readonly #parts: SubmissionParts
  readonly #gatekeeper: Gatekeeper
  readonly #merger: Merger
  readonly #held: HeldWork
  readonly #ending: Ending
  readonly #keeper: Keeper
  readonly #hearing: Hearing
  readonly #refs: RefWatch
  readonly #listeners = new Set<() => void>()

  constructor(parts: SubmissionParts, handIn: HandIn) {
    this.#parts = parts
    this.#gatekeeper = new Gatekeeper(parts)
    this.#merger = new Merger(parts)
    this.#held = new HeldWork(parts)
    this.#ending = new Ending(parts)
    this.#keeper = new Keeper(parts, handIn)
    this.#hearing = new Hearing(parts, handIn)
    this.#refs = new RefWatch(parts, () => {
      for (const listener of this.#listeners) listener()
    })
  }

  /** Branches may have moved. */
  onHint(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  hear(): Promise<void> {
    return this.#hearing.tick()
  }

  /** Begins anew what a daemon before this one has begun, and goes on with everything that is open. */
  async tick(signal: AbortSignal): Promise<void> {
    await this.#keeper.present()
    const open = await this.#parts.store.submissions({ isUnsettled: true }, MOST)
    this.#gatekeeper.tick(open, signal)
    await this.#held.tick(open)
    this.#merger.tick(open, signal)
    await this.#ending.tick(open)
    await this.#keeper.tick(open)
  }

  /** Nobody decides about work whose task is no longer wanted. */
  async taskEnded({ id, label, state }: Task): Promise<void> {
    if (state !== 'cancelled' && state !== 'dead') return
    const { store, board, clock } = this.#parts
    for (const submission of await store.submissions({ task: id, isUnsettled: true }, MOST))
      await board.move(submission.id, {
        event: 'withdraw',
        at: clock.now(),
        by: SYSTEM,
        reason: `${label} is ${state}`,
      })
  }

  async look(): Promise<void> {
    await this.#refs.tick(await this.#parts.store.submissions({ isUnsettled: true }, MOST))
  }

  close(): Promise<void> {
    return this.#refs.close()
  }
}
