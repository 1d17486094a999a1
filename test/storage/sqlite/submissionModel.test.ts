import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { newId } from '../../../src/kernel/ids.ts'
import {
  isOver,
  SUBMISSION_EVENTS,
  type Submission,
  type SubmissionChange,
  type SubmissionEvent,
  type SubmissionState,
  waitsForPerson,
} from '../../../src/model/submission.ts'
import { SqliteEngine } from '../../../src/storage/sqlite/engine.ts'
import { COMMIT, DIGEST, submission } from '../../model/aSubmission.ts'
import { temporaryFolder } from './setup.ts'

const NOW = 1_800_000_000_000

interface Step {
  readonly which: number
  /** onward: what comes next when all goes well, so that lives get somewhere. */
  readonly event: SubmissionEvent | 'submit' | 'settle' | 'onward'
  readonly by: string
  readonly isOther: boolean
  readonly hasMerge: boolean
  readonly isReport: boolean
  readonly ms: number
}

const step: fc.Arbitrary<Step> = fc.record({
  which: fc.nat(3),
  event: fc.oneof(fc.constantFrom(...SUBMISSION_EVENTS, 'submit' as const, 'settle' as const), {
    weight: 4,
    arbitrary: fc.constant('onward' as const),
  }),
  by: fc.constantFrom('human', 'human', 'human', 'system', 'Code/a', 'Code/lead'),
  isOther: fc.integer({ min: 0, max: 9 }).map(number => number === 0),
  hasMerge: fc.integer({ min: 0, max: 4 }).map(number => number > 0),
  isReport: fc.integer({ min: 0, max: 4 }).map(number => number === 0),
  ms: fc.constantFrom(1, 10, 5000),
})

const ONWARD: Readonly<Partial<Record<SubmissionState, SubmissionEvent>>> = {
  checking: 'pass-checks',
  testing: 'pass-tests',
  waiting: 'approve',
  held: 'approve',
  approved: 'begin-merge',
}

function onward({ state, merge }: Submission): SubmissionEvent {
  return ONWARD[state] ?? (merge ? 'finish' : 'prepare')
}

/** Submissions of a real store, looked at after every step; what happened is remembered beside it. */
class Lives {
  #now = NOW
  readonly #past = new Map<string, SubmissionEvent[]>()

  constructor(private readonly engine: SqliteEngine) {}

  take(step: Step): void {
    this.#now += step.ms
    const before = this.#all()
    if (step.event === 'submit') {
      const change = step.isReport ? { change: undefined } : {}
      const id = newId()
      this.engine.store.addSubmission(submission('checking', { id, seq: 0, createdAt: this.#now, ...change }))
      this.#past.set(id, [])
      return
    }
    const old = before[step.which]
    if (!old) return
    if (step.event === 'settle') return void (isOver(old) && this.engine.store.settleSubmission(old.id))
    const event = step.event === 'onward' ? onward(old) : step.event
    const change: SubmissionChange = {
      ...{ event, at: this.#now, by: step.by, expiresAt: this.#now + 2000 },
      commit: step.isOther ? 'e'.repeat(40) : old.change && COMMIT,
      digest: DIGEST,
      merge: step.hasMerge ? { commit: `m${this.#now}`, onto: 'o' } : undefined,
    }
    const moved = this.engine.store.moveSubmission(old.id, change)
    const after = this.#all()
    const found = after[step.which]!
    if (moved) this.#past.get(old.id)!.push(event)
    else expect(found).toEqual(old)
    this.#check(found, change, moved !== undefined)
    // Nobody else moves with it.
    for (const [index, other] of before.entries()) if (index !== step.which) expect(after[index]).toEqual(other)
  }

  #check(found: Submission, change: SubmissionChange, isMoved: boolean): void {
    const past = this.#past.get(found.id)!
    const passed = past.indexOf('pass-tests')
    // 80: whatever waits, was decided or merged has passed its checks and then its tests.
    if (waitsForPerson(found) || past.includes('approve')) {
      expect(past.indexOf('pass-checks')).toBe(0)
      expect(passed).toBe(1)
    }
    // 81: a decision is the person's, about this.
    if (isMoved && ['approve', 'reject', 'request-changes'].includes(change.event)) {
      expect(change.by).toBe('human')
      expect(change.commit).toBe(found.change?.commit)
    }
    // 82: each merge has an approval of its own, or goes on with that of one that was held.
    const count = (event: SubmissionEvent) => past.filter(each => each === event).length
    expect(count('begin-merge')).toBeLessThanOrEqual(count('approve') + count('resume'))
    expect(count('finish')).toBeLessThanOrEqual(1)
    if (found.state === 'waiting') expect(found.decision).toBeUndefined()
    if (found.state === 'held') expect(found.decision?.kind).toBe('approve')
    // 83, 84
    if (found.state === 'merged') {
      expect(found.merge).toBeDefined()
      expect(found.change).toBeDefined()
      expect(past.lastIndexOf('prepare')).toBeGreaterThan(past.lastIndexOf('approve'))
    }
    expect(found.expiresAt !== undefined).toBe(waitsForPerson(found))
    // What is found by a column is what the record says.
    expect(this.engine.store.submissions({ states: [found.state] }, 99)).toContainEqual(found)
    expect(this.engine.store.units({ subject: found.id }, 99)).toHaveLength(past.length + 1)
  }

  #all(): readonly Submission[] {
    return this.engine.store.submissions({}, 99)
  }
}

it('R-APR-2 R-APR-4 80-88 hold on random lives in a real store', () => {
  let merged = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), steps => {
      const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
      try {
        const lives = new Lives(engine)
        for (const each of [{ ...steps[0]!, event: 'submit' as const }, ...steps]) lives.take(each)
        merged += engine.store.submissions({ states: ['merged', 'held', 'rejected'] }, 99).length
      } finally {
        engine.close()
      }
    }),
    { numRuns: 40 },
  )
  // The lives do get there.
  expect(merged).toBeGreaterThan(3)
})
