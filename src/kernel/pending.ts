/** What has news and waits for its turn: each member once, however often it was named. */
export class Pending {
  readonly #members = new Set<string>()

  add(member: string): void {
    this.#members.add(member)
  }

  /** Empties it. */
  take(): readonly string[] {
    const taken = [...this.#members]
    this.#members.clear()
    return taken
  }

  /** Empties it through `work`. What fails goes back into it for the next time, and keeps nothing from the others. */
  async each(work: (member: string) => Promise<unknown>): Promise<void> {
    const failures: unknown[] = []
    for (const member of this.take())
      await work(member).catch(error => {
        this.add(member)
        failures.push(error)
      })
    if (failures.length > 0) throw failures[0]
  }
}
