/** Keeps a COMPLETE from its readers until its task has been verified: what they read as done is done. */
import { sleep } from '../kernel/abort.ts'
import type { DeliveryWithMessage } from '../storage/store.ts'
import type { TaskBoard } from './board.ts'
import type { Listener } from './listener.ts'

const PATIENCE_MS = 2_000
/** Looked at again so soon, should nobody say that the gate is open. */
const LOOK_AGAIN_MS = 60_000

export class Gate {
  constructor(
    private readonly parts: {
      readonly board: TaskBoard
      readonly listener: Listener
      readonly clock: { now(): number }
    },
  ) {}

  /** Why this message may not be read yet; undefined when it may. */
  async obstacle({ message, delivery }: DeliveryWithMessage): Promise<{ reason: string; until: number } | undefined> {
    if (message.type !== 'COMPLETE' && message.type !== 'results') return undefined
    // A listener that fails must not keep every report for ever.
    await Promise.race([this.parts.listener.heard(delivery.seq), sleep(PATIENCE_MS)])
    const task = this.parts.board
      .held()
      .find(({ completion, state }) => completion === message.id && state === 'verifying')
    if (!task) return undefined
    return { reason: `${task.label} is being verified`, until: this.parts.clock.now() + LOOK_AGAIN_MS }
  }
}
