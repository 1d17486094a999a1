/** One at a time for each key, in the order of asking, within one process. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>()

  isHeld(key: string): boolean {
    return this.#tails.has(key)
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve()
    const running = before.then(work)
    const tail = running.catch(() => undefined)
    this.#tails.set(key, tail)
    try {
      return await running
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    }
  }
}
