import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ENDS, type LockEvent, type LockState, nextLockState, showCycle } from '../../src/model/lock.ts'
import { lockStep, takeStep } from './lockSteps.ts'
import type { Ask } from './lockWorld.ts'
import { World } from './lockWorld.ts'

const STATES: readonly LockState[] = ['waiting', 'held', 'released', 'expired', 'broken', 'withdrawn', 'refused']
const EVENTS: readonly LockEvent[] = ['grant', 'extend', 'release', 'expire', 'break', 'withdraw', 'refuse']

// Places of lockWorld.ts.
const [A, B, SRC] = [0, 1, 4]
const take = (owner: number, places: readonly number[], more: Partial<Ask> = {}): Ask => ({
  ...{ owner, places, mode: 'exclusive', ttlMs: 1_000, waitMs: 0 },
  ...more,
})

describe('a lock', () => {
  it('R-LCK-1 [51] that has ended refuses every event; a lease ends three ways, a wait two', () => {
    for (const state of STATES) {
      const next = EVENTS.map(event => nextLockState(state, event)).filter(to => to !== 'no')
      if (state === 'waiting') expect(next).toEqual(['held', 'withdrawn', 'refused'])
      else if (state === 'held') expect(next).toEqual(['held', 'released', 'expired', 'broken'])
      else expect(next).toEqual([])
    }
    for (const [event, state] of Object.entries(ENDS))
      expect([nextLockState('held', event as LockEvent), nextLockState('waiting', event as LockEvent)]).toContain(state)
  })

  it('R-LCK-2 [45] is all of the set or nothing', () => {
    const world = new World()
    world.ask(take(0, [B]))
    expect(world.ask(take(1, [A, B])).kind).toBe('held')
    expect(world.ask(take(2, [A])).kind).toBe('granted')
  })

  it('R-LCK-2 [47] readers that come later stand behind a writer that waits', () => {
    const world = new World()
    const reader = world.ask(take(0, [A], { mode: 'shared' })).lock!
    const writer = world.ask(take(1, [SRC], { waitMs: 500 })).lock!
    expect(world.ask(take(2, [A], { mode: 'shared' })).kind).toBe('held')
    expect(world.ask(take(2, [A], { mode: 'shared', waitMs: 500 })).kind).toBe('waiting')
    // Whoever reads already goes on reading.
    expect(world.ask(take(0, [A], { mode: 'shared' })).lock).toMatchObject({ id: reader.id })
    world.end(reader)
    expect(world.locks.map(({ owner, state }) => [owner, state])).toEqual([
      ['Code/b', 'held'],
      ['Code/c', 'waiting'],
    ])
    world.end(writer)
    expect(world.locks).toMatchObject([{ owner: 'Code/c', state: 'held' }])
  })

  it('R-LCK-2 [48] that would close a circle is refused, and only that one', () => {
    const world = new World()
    for (const owner of [0, 1, 2]) world.ask(take(owner, [[A, B, 9][owner]!]))
    expect(world.ask(take(0, [B], { waitMs: 500 })).kind).toBe('waiting')
    expect(world.ask(take(1, [9], { waitMs: 500 })).kind).toBe('waiting')
    expect(world.ask(take(2, [A], { waitMs: 500 })).kind).toBe('deadlock')
    expect(world.locks).toHaveLength(5)
    world.check()
  })

  it('R-LCK-1 [52] taken again by its owner is the same one, for longer; it becomes exclusive only when nobody shares it', () => {
    const world = new World()
    const first = world.ask(take(0, [A, B], { mode: 'shared' })).lock!
    const other = world.ask(take(1, [A], { mode: 'shared' })).lock!
    expect(world.ask(take(0, [B, A], { mode: 'shared', ttlMs: 5_000 })).lock).toEqual({
      ...first,
      expiresAt: world.now + 5_000,
    })
    expect(world.ask(take(0, [A, B], { waitMs: 500 })).kind).toBe('held')
    world.end(other)
    expect(world.ask(take(0, [A, B])).lock).toMatchObject({
      id: first.id,
      mode: 'exclusive',
      expiresAt: world.now + 5_000,
    })
    expect(world.ask(take(0, [A, B], { mode: 'shared' })).lock).toMatchObject({ mode: 'exclusive' })
  })

  it('R-LCK-2 a circle is told link by link', () => {
    const on = { space: 'name', kind: 'name', path: 'deploy' } as const
    const cycle = [
      { owner: 'Code/a', of: 'Code/b', on },
      { owner: 'Code/b', of: 'Code/a', on: { space: 'git:/r', kind: 'file', path: 'a.ts' } as const },
    ]
    expect(showCycle(cycle)).toBe('Code/a waits for Code/b (name:deploy), Code/b waits for Code/a (a.ts)')
  })

  it('R-LCK-1 R-LCK-2 [44 to 49] holds to its invariants whatever happens', () => {
    fc.assert(
      fc.property(fc.array(lockStep, { minLength: 5, maxLength: 60 }), steps => {
        const world = new World()
        for (const step of steps) {
          takeStep(world, step)
          world.check()
        }
      }),
      { numRuns: 400 },
    )
  })
})
