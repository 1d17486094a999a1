/** Everything that goes on around tasks without anybody asking: hearing, handing out, verifying, keeping time. */
import type { AgentRecord } from '../model/agent.ts'
import { Dispatcher } from './dispatcher.ts'
import { Gate } from './gate.ts'
import { Keeper } from './keeper.ts'
import { Listener } from './listener.ts'
import type { TaskParts } from './parts.ts'
import { Verifier } from './verifier.ts'

export class TaskWork {
  readonly gate: Gate
  readonly listener: Listener
  readonly #parts: TaskParts
  readonly #dispatcher: Dispatcher
  readonly #verifier: Verifier
  readonly #keeper: Keeper

  constructor(parts: TaskParts) {
    this.#parts = parts
    this.listener = new Listener(parts)
    this.gate = new Gate({ board: parts.board, store: parts.store, listener: this.listener, clock: parts.clock })
    this.#dispatcher = new Dispatcher(parts)
    this.#verifier = new Verifier(parts, this.gate)
    this.#keeper = new Keeper(parts)
  }

  /** Knows again who had what, and hears what was said while no daemon ran. */
  async recover(): Promise<void> {
    await this.#parts.board.load()
    await this.listener.tick()
    await this.#dispatcher.recover()
    await this.#keeper.recover()
  }

  hear(): Promise<void> {
    return this.listener.tick()
  }

  handOut(): Promise<void> {
    return this.#dispatcher.tick()
  }

  verify(signal: AbortSignal): void {
    this.#verifier.tick(signal)
  }

  get timeIsDueInMs(): number {
    return this.#keeper.dueInMs
  }

  keepTime(): Promise<void> {
    return this.#keeper.tick()
  }

  agentChanged(record: AgentRecord): Promise<void> {
    return this.#keeper.agentChanged(record)
  }
}
