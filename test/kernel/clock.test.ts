import { expect, it } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'

it('R-TSK-3 a clock that is set back goes on at half its pace until it has caught up, and a jump forward is taken as it is', () => {
  let wall = 1_000_000
  let machine = 0
  const clock = systemClock(
    () => wall,
    () => machine,
  )
  const pass = (ms: number) => {
    wall += ms
    machine += ms
  }
  expect(clock.now()).toBe(1_000_000)
  pass(1000)
  expect(clock.now()).toBe(1_001_000)
  wall -= 3_600_000
  expect(clock.now()).toBe(1_001_000)
  pass(10_000)
  expect(clock.now()).toBe(1_006_000)
  pass(7_200_000)
  expect(clock.now()).toBe(wall)
  wall += 86_400_000
  expect(clock.now()).toBe(wall)
})
