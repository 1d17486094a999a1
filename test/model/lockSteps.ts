/** Random things that happen to locks. */
import fc from 'fast-check'
import { OWNERS, PLACES, type World } from './lockWorld.ts'

const ask = fc.record({
  do: fc.constant('ask' as const),
  owner: fc.nat(OWNERS.length - 1),
  mode: fc.constantFrom('exclusive' as const, 'shared' as const),
  places: fc.uniqueArray(fc.nat(PLACES.length - 1), { minLength: 1, maxLength: 3 }),
  ttlMs: fc.constantFrom(5, 30, 1_000),
  waitMs: fc.constantFrom(0, 20, 1_000),
})

export const lockStep = fc.oneof(
  { weight: 6, arbitrary: ask },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(7) }) },
  fc.record({ do: fc.constant('extend' as const), which: fc.nat(7), ttlMs: fc.constantFrom(5, 100) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 10, 40, -1_000) }),
)
export type LockStep = typeof lockStep extends fc.Arbitrary<infer Step> ? Step : never

export function takeStep(world: World, step: LockStep): void {
  if (step.do === 'ask') world.ask(step)
  else if (step.do === 'pass') {
    world.now += Math.max(0, step.ms)
    world.sweep()
  } else {
    const lock = world.open()[step.which]
    if (!lock) return
    if (step.do === 'end') world.end(lock)
    else world.extend(lock, step.ttlMs)
  }
}
