import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Notice, NoticeKind } from '../../src/model/notice.ts'
import {
  afterFailure,
  afterSuccess,
  afterTold,
  GAP_MS,
  GATHER_MS,
  isSummary,
  type NoticeRules,
  planWay,
  startWay,
} from '../../src/model/noticePlan.ts'

const rules = (quiet: (at: number) => boolean, isHeldInQuiet = true): NoticeRules => ({
  isHeldInQuiet,
  isQuiet: quiet,
  isUrgent: ({ kind }) => kind === 'ungated',
})
const never = rules(() => false)

function notice(seq: number, at: number, kind: NoticeKind = 'submission'): Notice {
  return { id: `unit-${seq}`, seq, at, kind, about: 'x', text: `thing ${seq}`, next: 'agency approvals' }
}

it('112: ten submissions in a second are one notice', () => {
  const ten = Array.from({ length: 10 }, (_, index) => notice(index + 1, 1_000 + index * 90))
  expect(planWay(startWay(0), ten, 1_500, never)).toEqual([])
  expect(planWay(startWay(0), ten, 1_000 + GATHER_MS, never)).toEqual(ten)
})

it('112: a flood is one notice every so often, and what is urgent does not wait for it', () => {
  const state = afterSuccess(startWay(0), 10_000)
  expect(planWay(state, [notice(1, 10_000)], 12_000, never)).toEqual([])
  expect(planWay(state, [notice(1, 10_000)], 10_000 + GAP_MS, never)).toHaveLength(1)
  expect(planWay(state, [notice(1, 10_000), notice(2, 10_500, 'ungated')], 12_000, never)).toHaveLength(2)
})

it('113: quiet hours hold all but what is urgent, and what was held is told together when they are over', () => {
  const night = rules(at => at < 100_000)
  const [held, urgent, more] = [notice(1, 1_000), notice(2, 2_000, 'ungated'), notice(3, 3_000)]
  const pending = [held, urgent, more]
  expect(planWay(startWay(0), pending, 50_000, night)).toEqual([urgent])
  const after = afterTold(afterSuccess(startWay(0), 50_000), pending, [urgent], 3)
  expect(planWay(after, pending, 60_000, night)).toEqual([])
  expect(planWay(after, pending, 100_000, night)).toEqual([held, more])
  expect(isSummary([held, more], 100_000, night)).toBe(true)
  expect(isSummary([notice(4, 100_001)], 101_500, night)).toBe(false)
  // What makes no sound is not held.
  expect(
    planWay(
      startWay(0),
      pending,
      50_000,
      rules(() => true, false),
    ),
  ).toEqual(pending)
})

it('114: what failed waits, and longer is never made by a clock that was set back', () => {
  const pending = [notice(1, 1_000)]
  const failed = afterFailure(startWay(0), 3_000, 2_000)
  expect([failed.failures, planWay(failed, pending, 4_000, never), planWay(failed, pending, 5_000, never)]).toEqual([
    1,
    [],
    pending,
  ])
  expect(planWay(afterSuccess(startWay(0), 900_000), [notice(1, 900_000)], 10_000, never)).toHaveLength(1)
})

it('115: on random lives everything is told exactly once, in quiet hours only what is urgent', () => {
  const step = fc.record({
    elapsed: fc.integer({ min: 0, max: 4_000 }),
    kind: fc.constantFrom<NoticeKind | undefined>('submission', 'dialog', 'ungated', undefined, undefined),
    fails: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1_000, max: 60_000 }), (steps, periodMs) => {
      const world = rules(at => Math.floor(at / periodMs) % 2 === 1)
      let [now, seq, state] = [1_000_000, 0, startWay(0)]
      const told: number[] = []
      const pending: Notice[] = []
      const look = (fails: boolean) => {
        const ready = planWay(state, pending, now, world)
        if (ready.length === 0) return
        if (world.isQuiet(now)) expect(ready.every(world.isUrgent)).toBe(true)
        if (fails) state = afterFailure(state, now, 1_000)
        else {
          told.push(...ready.map(item => item.seq))
          state = afterTold(afterSuccess(state, now), pending, ready, seq)
        }
      }
      for (const { elapsed, kind, fails } of steps) {
        now += elapsed
        seq++
        if (kind !== undefined) pending.push(notice(seq, now, kind))
        look(fails)
      }
      for (let more = 0; more < 80; more++) {
        now += periodMs / 2 + GAP_MS
        look(false)
      }
      expect([...told].sort((a, b) => a - b)).toEqual(pending.map(item => item.seq))
      expect(state.passed).toEqual([])
      expect(state.done).toBeGreaterThanOrEqual(pending.at(-1)?.seq ?? 0)
    }),
  )
})
