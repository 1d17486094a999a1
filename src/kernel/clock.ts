/** Time as an argument, so that every rule about time can be tested. */
export interface Clock {
  /** Milliseconds since the epoch. Never runs backwards within one process. */
  now(): number
}

/**
 * The system's clock, made monotonic, so that no delivery is re-ordered: when it is set back, time goes at half its pace until it has
 * caught up. Standing still would hold up every wait for as long as the clock was set back.
 */
export function systemClock(read: () => number = Date.now, elapsed: () => number = () => performance.now()): Clock {
  let last = 0
  let at = elapsed()
  return {
    now() {
      const since = at
      at = elapsed()
      last = Math.max(last + (at - since) / 2, read())
      return Math.floor(last)
    },
  }
}
