/** Keeps a COMPLETE from its readers until its task has been verified: what they read as done is done. */
import { sleep } from '../kernel/abort.ts'
import type { Id } from '../kernel/ids.ts'
import type { DeliveryWithMessage } from '../storage/store.ts'
import type { TaskBoard } from './board.ts'
import type { Listener } from './listener.ts'

const PATIENCE_MS = 2_000
/** Looked at again so soon, should the gate have been opened in the moment in which the message was put aside. */
const LOOK_AGAIN_MS = 2_000

export class Gate {
  readonly #kept = new Set<Id>()

  constructor(
    private readonly parts: {
      readonly board: TaskBoard
      readonly listener: Listener
      readonly clock: { now(): number }
    },
  ) {}

  /** Whether this message was kept from somebody; asked once, when it may go. */
  hasKept(message: Id): boolean {
    return this.#kept.delete(message)
  }

  /** Why this message may not be read yet; undefined when it may. */
  async obstacle({ message, delivery }: DeliveryWithMessage): Promise<{ reason: string; until: number } | undefined> {
    if (message.type !== 'COMPLETE' && message.type !== 'results') return undefined
    // A listener that fails must not keep every report for ever.
    await Promise.race([this.parts.listener.heard(delivery.seq), sleep(PATIENCE_MS)])
    const task = this.parts.board
      .held()
      .find(({ completion, state }) => completion === message.id && state === 'verifying')
    if (!task) return undefined
    this.#kept.add(message.id)
    return { reason: `${task.label} is being verified`, until: this.parts.clock.now() + LOOK_AGAIN_MS }
  }
}
