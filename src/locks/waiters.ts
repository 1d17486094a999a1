/** Those who wait within this daemon: who is to be told when a wait is granted or over. */
import type { Id } from '../kernel/ids.ts'
import type { Lease } from '../model/lock.ts'

export class Waiters {
  readonly #waiting = new Map<Id, (lease: Lease | undefined) => void>()

  get ids(): readonly Id[] {
    return [...this.#waiting.keys()]
  }

  /** Resolves with the lease, or undefined when the wait is over without one or the signal aborts. */
  wait(id: Id, signal: AbortSignal): Promise<Lease | undefined> {
    return new Promise(resolve => {
      const tell = (lease: Lease | undefined) => {
        this.#waiting.delete(id)
        signal.removeEventListener('abort', abort)
        resolve(lease)
      }
      const abort = () => tell(undefined)
      this.#waiting.set(id, tell)
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort)
    })
  }

  tell(id: Id, lease: Lease | undefined): void {
    this.#waiting.get(id)?.(lease)
  }
}
