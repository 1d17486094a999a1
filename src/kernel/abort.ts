/** Waiting that can be given up: sleeping, deadlines and wake-ups, all ended by an AbortSignal. */

/** Resolves after `ms`, or at once when the signal aborts. Never rejects: callers look at the signal themselves. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** Polls `probe` until it gives something other than undefined or false, or the time is over (then undefined). */
export async function until<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  options: { timeoutMs: number; everyMs?: number; signal?: AbortSignal },
): Promise<T | undefined> {
  const end = performance.now() + options.timeoutMs
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found
    if (options.signal?.aborted || performance.now() >= end) return undefined
    await sleep(Math.max(0, Math.min(options.everyMs ?? 10, end - performance.now())), options.signal)
  }
}

/** A latch between producers and one waiting loop: `wake` is remembered until the next `wait`, so no wake-up is lost. */
export class Wakeup {
  #pending = false
  #resolve: (() => void) | undefined

  wake(): void {
    this.#pending = true
    this.#resolve?.()
  }

  /** Resolves when woken, when `ms` have passed, or when the signal aborts. */
  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.#pending && !signal?.aborted) {
      const woken = new AbortController()
      this.#resolve = () => woken.abort()
      await sleep(ms, signal ? AbortSignal.any([signal, woken.signal]) : woken.signal)
      this.#resolve = undefined
    }
    this.#pending = false
  }
}
