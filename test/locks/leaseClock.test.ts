import fc from 'fast-check'
import { expect, it } from 'vitest'
import { leaseClock } from '../../src/locks/leaseClock.ts'

function machine(wall: number, seen = 0) {
  const at = { wall, tick: 0 }
  const clock = leaseClock(seen, { wall: () => at.wall, ticks: () => at.tick })
  const pass = (ms: number, jump = 0) => {
    at.tick += ms
    at.wall += ms + jump
    return clock.now()
  }
  return { clock, pass }
}

it('R-LCK-1 [50] the time of leases goes on at its own pace when the clock goes back, and follows it ahead', () => {
  const { pass } = machine(1_000_000)
  expect(pass(10)).toBe(1_000_010)
  expect(pass(10, -3_600_000)).toBe(1_000_020)
  expect(pass(500)).toBe(1_000_520)
  expect(pass(0, 7_200_000)).toBe(1_000_520 + 3_600_000)
})

it('R-LCK-1 [50] a daemon that starts with a clock that has gone back goes on from what was written down', () => {
  const { pass } = machine(1_000_000, 5_000_000)
  expect(pass(0)).toBe(5_000_000)
  expect(pass(700)).toBe(5_000_700)
})

it('R-LCK-1 [50] whatever the clock does, time passes at least as fast as it does', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1_000), fc.integer({ min: -10_000, max: 10_000 }))), steps => {
      const { clock, pass } = machine(1_000_000)
      let before = clock.now()
      for (const [ms, jump] of steps) {
        const now = pass(ms, jump)
        expect(now - before).toBeGreaterThanOrEqual(ms)
        before = now
      }
    }),
  )
})
