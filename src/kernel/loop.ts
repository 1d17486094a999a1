/** A loop of the daemon: a tested tick, run on wake-ups and at a safe pace. One loop's failure never stops the others. */
import { Wakeup } from './abort.ts'
import type { Log } from './log.ts'

export interface Loop {
  wake(): void
  readonly done: Promise<void>
  /** The message of the last failure, until a tick succeeds again. */
  readonly failure: string | undefined
  /** How often it went round, and how often that failed. */
  readonly ticks: number
  readonly failures: number
}

export interface LoopPace {
  readonly everyMs: number
  /** In how many milliseconds there is something to do, where that may be before the next turn. */
  readonly dueInMs?: (() => number) | undefined
  /** Between two ticks at least, so that many wake-ups at once are one tick. */
  readonly restMs?: number | undefined
}

export function startLoop(
  name: string,
  tick: (signal: AbortSignal) => Promise<unknown>,
  options: LoopPace & { readonly log: Log; readonly signal: AbortSignal },
): Loop {
  const wakeup = new Wakeup()
  let failure: string | undefined
  let ticks = 0
  let failures = 0
  async function run(): Promise<void> {
    while (!options.signal.aborted) {
      ticks++
      try {
        await tick(options.signal)
        failure = undefined
      } catch (error) {
        failures++
        failure = error instanceof Error ? error.message : String(error)
        options.log.error({ err: error, loop: name }, 'a loop failed, and goes on')
      }
      const { everyMs, dueInMs, restMs } = options
      await wakeup.wait(Math.min(untilNext(everyMs), dueInMs?.() ?? everyMs), options.signal, restMs)
    }
  }
  return {
    wake: () => wakeup.wake(),
    done: run(),
    get failure() {
      return failure
    },
    get ticks() {
      return ticks
    },
    get failures() {
      return failures
    },
  }
}

/** A timer may fire a little early: then the turn is over all the same. */
const EARLY_MS = 20

/** Loops of one pace turn at one moment, so that an idle daemon is woken once for all of them. */
function untilNext(everyMs: number): number {
  const left = everyMs - (performance.now() % everyMs)
  return left < EARLY_MS ? left + everyMs : left
}
