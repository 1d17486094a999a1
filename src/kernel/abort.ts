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
  #whenWoken: (() => void) | undefined

  wake(): void {
    if (this.#pending) return
    this.#pending = true
    this.#whenWoken?.()
  }

  /** Resolves when woken, but not before `restMs` have passed; when `ms` have passed; or when the signal aborts. */
  async wait(ms: number, signal?: AbortSignal, restMs = 0): Promise<void> {
    if (!signal?.aborted && !(this.#pending && restMs <= 0))
      await new Promise<void>(resolve => {
        const rested = performance.now() + restMs
        const done = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', done)
          this.#whenWoken = undefined
          resolve()
        }
        let timer = setTimeout(done, this.#pending ? restMs : Math.max(ms, restMs))
        signal?.addEventListener('abort', done, { once: true })
        this.#whenWoken = () => {
          const left = rested - performance.now()
          if (left <= 0) return done()
          clearTimeout(timer)
          timer = setTimeout(done, left)
        }
      })
    this.#pending = false
  }
}

/**
 * Runs `work` with a signal that aborts after `ms`, or with any of `signals`. Not by AbortSignal.any and .timeout: on Node 20 a
 * composed signal may be collected before it fires, and every composition leaks into a long-lived source.
 */
export async function withDeadline<T>(
  ms: number,
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const timer = setTimeout(abort, ms)
  for (const signal of signals) {
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
  }
  try {
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
    for (const signal of signals) signal.removeEventListener('abort', abort)
  }
}
