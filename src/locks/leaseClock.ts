/** The time of leases: it follows the machine's clock ahead, and when that goes back it goes on by itself, so that no lease gets more time than it was given. */
import type { Clock } from '../kernel/clock.ts'

/** `seen`: the greatest time that was written down. `ticks`: milliseconds that only rise, wherever the clock is set to. */
export function leaseClock(seen: number, options: { wall?: () => number; ticks?: () => number } = {}): Clock {
  const { wall = Date.now, ticks = () => performance.now() } = options
  let time = Math.max(seen, wall())
  let tick = ticks()
  return {
    now() {
      const next = ticks()
      time = Math.max(wall(), time + next - tick)
      tick = next
      return Math.floor(time)
    },
  }
}
