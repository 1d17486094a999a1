/** What has news and waits for its turn: each member once, however often it was named. */
import { AtMost } from './atMost.ts'

const AT_ONCE = 8

export class Pending {
  readonly #members = new Set<string>()

  add(member: string): void {
    this.#members.add(member)
  }

  get isEmpty(): boolean {
    return this.#members.size === 0
  }

  /** Empties it. */
  take(): readonly string[] {
    const taken = [...this.#members]
    this.#members.clear()
    return taken
  }

  /**
   * Empties it through `work`, several members at once: what they write goes into one commit. What fails goes back into it for
   * the next time, and keeps nothing from the others.
   */
  async each(work: (member: string) => Promise<unknown>): Promise<void> {
    const failures: unknown[] = []
    const some = new AtMost(AT_ONCE)
    const see = (member: string) =>
      some
        .run(() => work(member))
        .catch(error => {
          this.add(member)
          failures.push(error)
        })
    await Promise.all(this.take().map(see))
    if (failures.length > 0) throw failures[0]
  }
}
