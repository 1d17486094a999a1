/** Time as an argument, so that every rule about time can be tested. */
export interface Clock {
  /** Milliseconds since the epoch. Never runs backwards within one process. */
  now(): number
}

/** The system's clock, made monotonic: when it jumps back, time stands still until it has caught up, so that no delivery is re-ordered. */
export function systemClock(read: () => number = Date.now): Clock {
  let last = 0
  return {
    now() {
      last = Math.max(last, read())
      return last
    },
  }
}
