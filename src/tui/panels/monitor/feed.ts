/** Asks the daemon for what has changed: a moment after it did, and never more often than once a second. */
import { sleep } from '../../../kernel/abort.ts'
import type { Part } from './data.ts'

/** A message that is handed over changes several times within it: one look is enough for all of them. */
const GATHER_MS = 120
const REST_MS = 880

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
      await sleep(GATHER_MS, this.signal)
      const parts = [...this.#wanted]
      this.#wanted.clear()
      await this.fetch(parts)
      await sleep(REST_MS, this.signal)
    }
    this.#isAtWork = false
  }
}
