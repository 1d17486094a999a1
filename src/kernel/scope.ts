/** A place for what was opened: everything in it is closed in reverse order, whatever fails on the way. */
export class Scope implements AsyncDisposable {
  readonly #closers: { name: string; close: () => unknown }[] = []

  use<T>(value: T, name: string, close: (value: T) => unknown): T {
    this.#closers.push({ name, close: () => close(value) })
    return value
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = []
    for (const { close } of this.#closers.splice(0).reverse()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, 'several things could not be closed')
  }
}
