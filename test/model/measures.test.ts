import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type Facts,
  groupFacts,
  joinFacts,
  measure,
  NO_FACTS,
  percentile,
  splitByTime,
  type TaskFact,
} from '../../src/model/measures.ts'

function task(changes: Partial<TaskFact> = {}): TaskFact {
  return {
    ...{ id: String(Math.random()), agent: 'Code/a', agency: 'Code', at: 10, outcome: 'succeeded' },
    ...{ isAutonomous: true, wasReviewed: true, isFirstPass: true, workedMs: 600_000, estimateMinutes: null },
    ...{ testsPassed: null, testsFailed: null, checkRuns: 0, checksFailed: 0, coverage: null },
    ...changes,
  }
}

const time = (kind: 'handoff' | 'response', ms: number, agent = 'Code/a', at = 10) =>
  ({ kind, ms, agent, agency: undefined, at }) as const
const of = (facts: Partial<Facts>, humanFactor = 1) => measure({ ...NO_FACTS, ...facts }, { humanFactor })

it('R-TSK-6 of what nothing is known nothing is said, and never 0', () => {
  expect(of({})).toEqual({
    ...{ succeeded: 0, failed: 0, autonomous: null, firstReview: null, handoff: null, response: null, tests: null },
    ...{ checks: null, coverage: null, bugRate: null, reviewScore: null, savedMinutes: null },
    ...{ restarts: 0, interruptions: 0 },
  })
  const failedOnly = of({ tasks: [task({ outcome: 'dead', wasReviewed: false })] })
  expect(failedOnly).toMatchObject({ failed: 1, autonomous: null, firstReview: null, savedMinutes: null })
  // Reports without a number of bugs tell no rate; nor do bugs where nothing was done.
  expect(
    of({ tasks: [task()], results: [{ agent: 'Code/a', agency: 'Code', at: 1, bugs: null, score: null }] }).bugRate,
  ).toBe(null)
  expect(of({ results: [{ agent: 'Code/a', agency: 'Code', at: 1, bugs: 3, score: null }] }).bugRate).toBe(null)
})

it('R-TSK-6 what was handed in without a task counts at its first review, beside the tasks', () => {
  const review = (isGood: boolean, at = 10) => ({ agent: 'Code/a', agency: 'Code', at, isGood })
  const reviews = [review(true), review(true), review(false)]
  expect(of({ reviews })).toMatchObject({ firstReview: 2 / 3, succeeded: 0, autonomous: null })
  expect(of({ reviews, tasks: [task({ isFirstPass: false })] }).firstReview).toBe(0.5)
  const groups = groupFacts({ ...NO_FACTS, reviews })
  expect([groups.get('Code')?.reviews.length, groups.get('Code/a')?.reviews.length]).toEqual([3, 3])
  const days = splitByTime({ ...NO_FACTS, reviews: [...reviews, review(true, 30)] }, [0, 20])
  expect(days.map(day => day.reviews.length)).toEqual([3, 1])
  expect(joinFacts(days).reviews).toHaveLength(4)
})

it('R-TSK-6 shares, means and rates are of those that they speak of', () => {
  const tasks = [
    task({ testsPassed: 10, testsFailed: 1, coverage: 80, checkRuns: 3, checksFailed: 1 }),
    task({ isAutonomous: false, isFirstPass: false, coverage: 60 }),
    task({ outcome: 'failed', isFirstPass: false, isAutonomous: true }),
    task({ outcome: 'dead', wasReviewed: false, isFirstPass: false }),
  ]
  const results = [
    { agent: 'Code/a', agency: 'Code', at: 1, bugs: 3, score: 4 },
    { agent: 'Code/a', agency: 'Code', at: 1, bugs: 0, score: null },
    { agent: 'Code/a', agency: 'Code', at: 1, bugs: null, score: 5 },
  ]
  const disturbances = [{ kind: 'restart', agent: 'Code/a', agency: undefined, at: 1 } as const]
  expect(of({ tasks, results, disturbances })).toMatchObject({
    ...{ succeeded: 2, failed: 2, autonomous: 0.5, firstReview: 1 / 3, tests: { passed: 10, failed: 1 } },
    ...{ checks: { runs: 3, failed: 1 }, coverage: 70, bugRate: 1.5, reviewScore: 4.5, restarts: 1, interruptions: 0 },
  })
})

it("R-TSK-6 the time saved is a task's own estimate, else the working time by the factor", () => {
  const tasks = [task(), task({ estimateMinutes: 90 }), task({ outcome: 'failed', estimateMinutes: 500 })]
  expect(of({ tasks }).savedMinutes).toBe(100)
  expect(of({ tasks }, 3).savedMinutes).toBe(120)
})

it('R-TSK-6 times are told by mean, median and 95th percentile', () => {
  const times = [1, 2, 3, 94]
    .map(ms => time('handoff', ms))
    .concat([5, 7, 100].map(ms => time('response', ms) as never))
  expect(of({ times })).toMatchObject({
    handoff: { count: 4, meanMs: 25, p95Ms: 94 },
    response: { count: 3, medianMs: 7, p95Ms: 100 },
  })
  expect(percentile([], 50)).toBeUndefined()
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.integer({ min: 1, max: 100 }), (values, percent) => {
      const found = percentile(values, percent)!
      // The smallest value that so many per cent do not exceed.
      const notAbove = values.filter(value => value <= found).length
      const below = values.filter(value => value < found).length
      expect(values).toContain(found)
      expect(notAbove / values.length).toBeGreaterThanOrEqual(percent / 100)
      expect(below / values.length).toBeLessThan(percent / 100)
    }),
  )
})

it("R-TSK-6 an agent's facts are its agency's too, and each belongs to its day", () => {
  const facts: Facts = {
    ...NO_FACTS,
    tasks: [task(), task({ agent: 'Code/b', at: 25 }), task({ agent: undefined, at: 5 }), task({ agent: 'QA/x' })],
    times: [time('handoff', 5, 'QA/x')],
  }
  const groups = groupFacts(facts)
  expect([...groups].map(([name, { tasks, times }]) => [name, tasks.length, times.length]).sort()).toEqual([
    ['Code', 4, 0],
    ['Code/a', 1, 0],
    ['Code/b', 1, 0],
    ['QA', 0, 1],
    ['QA/x', 1, 1],
  ])
  expect(splitByTime(groups.get('Code')!, [0, 10, 20]).map(({ tasks }) => tasks.length)).toEqual([1, 2, 1])
})

it('R-TSK-6 pages make a whole in which a task counts once, with its last end', () => {
  const id = 'same'
  const page = (at: number): Facts => ({ ...NO_FACTS, tasks: [task({ id, at })], times: [time('handoff', at)] })
  const whole = joinFacts([page(1), page(2)])
  expect(whole.tasks.map(({ at }) => at)).toEqual([2])
  expect(whole.times).toHaveLength(2)
})
