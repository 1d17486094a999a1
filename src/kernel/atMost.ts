/** Lets so many of something run at once; the others wait in their order. */
export class AtMost {
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(private readonly most: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.most) await new Promise<void>(resolve => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // Whoever waits takes this place over.
      if (next) next()
      else this.#running--
    }
  }
}
