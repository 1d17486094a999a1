/** Keeps a COMPLETE from its readers until its task has been verified: what they read as done is done. */
import { sleep } from '../kernel/abort.ts'
import type { Id } from '../kernel/ids.ts'
import type { Message } from '../model/message.ts'
import type { Task } from '../model/task.ts'
import type { DeliveryWithMessage, Store } from '../storage/store.ts'
import type { TaskBoard } from './board.ts'
import type { Listener } from './listener.ts'
import { isReport } from './recall.ts'
import { taskSpokenOf } from './said.ts'

const PATIENCE_MS = 2_000
/** Looked at again so soon, should the gate have been opened in the moment in which the message was put aside. */
const LOOK_AGAIN_MS = 2_000

export class Gate {
  readonly #kept = new Set<Id>()

  constructor(
    private readonly parts: {
      readonly board: TaskBoard
      readonly store: Pick<Store, 'find' | 'units'>
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
    if (!isReport(message.type)) return undefined
    const isHeard = await Promise.race([
      this.parts.listener.heard(delivery.seq).then(() => true),
      sleep(PATIENCE_MS).then(() => false),
    ])
    if (!isHeard) return this.#keep(message, 'what was said before it is still being heard')
    const task = await this.#verified(message, delivery.seq)
    if (!task) return undefined
    return this.#keep(message, `${task.label} is being verified`)
  }

  #keep({ id }: Message, reason: string): { reason: string; until: number } {
    this.#kept.add(id)
    return { reason, until: this.parts.clock.now() + LOOK_AGAIN_MS }
  }

  /** What its claimant says a second time, or to somebody else, waits as the first does. */
  async #verified(message: Message, seq: number): Promise<Task | undefined> {
    const { board, store } = this.parts
    const verifying = board.held().filter(({ state }) => state === 'verifying')
    const own = verifying.find(({ completion }) => completion === message.id)
    if (own || !verifying.some(({ claimant }) => claimant === message.from)) return own
    const held = board.heldBy(message.from).filter(({ claimedSeq }) => claimedSeq < seq)
    const meant = await taskSpokenOf(store, message, held)
    return meant?.state === 'verifying' ? meant : undefined
  }
}
