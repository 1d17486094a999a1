/** Asks the daemon for what has changed: at once after a quiet moment, and never more often than so. */
import { sleep } from '../../../kernel/abort.ts'
import type { Part } from './data.ts'

/** Of a stream of changes the screen shows that many states a second, each of them whole. */
const REST_MS = 700

export class Feed {
  readonly #wanted = new Set<Part>()
  #isAtWork = false

  constructor(
    private readonly fetch: (parts: readonly Part[]) => Promise<void>,
    private readonly signal: AbortSignal,
  ) {}

  want(parts: readonly Part[]): void {
    for (const part of parts) this.#wanted.add(part)
    if (!this.#isAtWork && this.#wanted.size > 0) void this.#work()
  }

  async #work(): Promise<void> {
    this.#isAtWork = true
    while (this.#wanted.size > 0 && !this.signal.aborted) {
      const parts = [...this.#wanted]
      this.#wanted.clear()
      await this.fetch(parts)
      await sleep(REST_MS, this.signal)
    }
    this.#isAtWork = false
  }
}
