import { describe, expect, it } from 'vitest'
import {
  advanceSubmission,
  isAtRest,
  isOver,
  NEXT_SUBMISSION,
  SUBMISSION_EVENTS,
  SUBMISSION_STATES,
  type Submission,
  type SubmissionChange,
  type SubmissionEvent,
  waitsForPerson,
} from '../../src/model/submission.ts'
import { COMMIT, DIGEST, submission } from './aSubmission.ts'

const NOW = 1_800_000_000_000
const MERGE = { commit: 'm'.repeat(40), onto: 'o'.repeat(40) }
const DECISIONS = new Set<SubmissionEvent>(['approve', 'reject', 'request-changes'])

const change = (event: SubmissionEvent, changes: Partial<SubmissionChange> = {}): SubmissionChange => ({
  ...{ event, at: NOW + 5000, by: 'human', commit: COMMIT, digest: DIGEST, merge: MERGE, expiresAt: NOW + 9000 },
  ...changes,
})

interface Step {
  readonly from: Submission
  readonly event: SubmissionEvent
  readonly to: Submission
}

const STEPS: readonly Step[] = SUBMISSION_STATES.flatMap(state =>
  SUBMISSION_EVENTS.flatMap(event => {
    const from = submission(state, { merge: state === 'merging' ? MERGE : undefined })
    // Before the time at which all that waits expires.
    const to = advanceSubmission(from, change(event, event === 'resume' ? { at: NOW } : {}))
    return to === 'refuse' ? [] : [{ from, event, to }]
  }),
)

const ways = (state: string) =>
  STEPS.filter(({ to }) => to.state === state).map(({ from, event }) => `${from.state} ${event}`)

describe('the table of a submission', () => {
  it('R-APR-2 decides every event in every state', () => {
    for (const state of SUBMISSION_STATES)
      for (const event of SUBMISSION_EVENTS)
        expect([...SUBMISSION_STATES, 'refuse']).toContain(NEXT_SUBMISSION[state][event])
    expect(STEPS.length).toBeGreaterThan(25)
  })

  it('R-APR-2 80: comes to the person only through checks and then tests, or back from a merge', () => {
    expect(ways('testing')).toEqual(['checking pass-checks'])
    expect(ways('waiting')).toEqual(['testing pass-tests', 'merging requeue'])
    expect(ways('held')).toEqual(['merging hold'])
  })

  it('R-APR-4 81: is approved, rejected or to be changed by the person alone, who is not its author, about exactly it', () => {
    for (const state of ['waiting', 'held'] as const)
      for (const event of DECISIONS) {
        for (const by of ['Code/a', 'Code/lead', 'system', 'external', ''])
          expect(advanceSubmission(submission(state), change(event, { by }))).toBe('refuse')
        expect(advanceSubmission(submission(state), change(event, { commit: 'e'.repeat(40) }))).toBe('refuse')
        expect(advanceSubmission(submission(state), change(event, { commit: undefined }))).toBe('refuse')
        expect(advanceSubmission(submission(state), change(event, { digest: 'e'.repeat(64) }))).toBe('refuse')
        expect(advanceSubmission(submission(state, { author: 'human' }), change(event))).toBe('refuse')
        expect(advanceSubmission(submission(state), change(event))).toMatchObject({
          decision: { kind: event, by: 'human', commit: COMMIT, digest: DIGEST },
        })
      }
    expect(ways('approved')).toEqual(['waiting approve', 'held approve', 'held resume'])
  })

  it('R-APR-4 82: uses a decision once: what goes back to the queue has none; what is held keeps it, and goes on with it alone', () => {
    expect(STEPS.filter(({ to }) => to.state === 'waiting' && to.decision)).toEqual([])
    expect(STEPS.filter(({ to }) => to.state === 'held').map(({ to }) => to.decision?.kind)).toEqual(['approve'])
    const { decision } = submission('held')
    expect(advanceSubmission(submission('held'), change('resume', { by: 'system', at: NOW }))).toMatchObject({
      decision,
    })
    for (const wrong of [undefined, { ...decision!, kind: 'reject' as const }])
      expect(advanceSubmission(submission('held', { decision: wrong }), change('resume', { at: NOW }))).toBe('refuse')
    expect(advanceSubmission(submission('held'), change('resume', { by: 'Code/a', at: NOW }))).toBe('refuse')
    expect(advanceSubmission(submission('held', { expiresAt: NOW }), change('resume'))).toBe('refuse')
    expect(ways('merging')).toEqual(['approved begin-merge', 'merging prepare'])
    expect(advanceSubmission(submission('approved', { decision: undefined }), change('begin-merge'))).toBe('refuse')
  })

  it('R-APR-4 83: is merged only with a merge commit that was prepared under the decision', () => {
    expect(ways('merged')).toEqual(['merging finish'])
    expect(advanceSubmission(submission('merging'), change('finish'))).toBe('refuse')
    expect(advanceSubmission(submission('merging'), change('prepare', { merge: undefined }))).toBe('refuse')
  })

  it('R-APR-4 84: has ended for good; a report ends with its approval and is never merged', () => {
    expect(STEPS.filter(({ from }) => isOver(from))).toEqual([])
    const report = submission('approved', { change: undefined })
    expect(isOver(report)).toBe(true)
    for (const event of SUBMISSION_EVENTS) expect(advanceSubmission(report, change(event))).toBe('refuse')
  })

  it('R-APR-4 85: expires only while it waits for the person, at its time, and into nothing else', () => {
    expect(ways('expired')).toEqual(['waiting expire', 'held expire'])
    expect(advanceSubmission(submission('waiting'), change('expire', { at: NOW + 999 }))).toBe('refuse')
    expect(STEPS.filter(({ to }) => (to.expiresAt !== undefined) !== waitsForPerson(to))).toEqual([])
  })

  it('R-APR-4 86: is taken back by one step until it is being merged, and is void by one step wherever it is open', () => {
    for (const state of SUBMISSION_STATES.filter(each => !isOver(submission(each)))) {
      expect(NEXT_SUBMISSION[state].void).toBe('withdrawn')
      expect(NEXT_SUBMISSION[state].withdraw).toBe(state === 'merging' ? 'refuse' : 'withdrawn')
    }
  })

  it('R-APR-4 87: keeps what it is: author, commit, branch and digest never change', () => {
    const kept = ({ id, author, submittedBy, change, digest, title, task, cause }: Submission) => ({
      ...{ id, author, submittedBy, change, digest, title, task, cause },
    })
    for (const { from, to } of STEPS) expect(kept(to)).toEqual(kept(from))
  })

  it('R-APR-4 88: is moved by whoever looked first: a change from another state is refused', () => {
    expect(advanceSubmission(submission('held'), change('approve', { from: 'waiting' }))).toBe('refuse')
    expect(advanceSubmission(submission('held'), change('approve', { from: 'held' }))).not.toBe('refuse')
  })

  it('R-APR-2 89: goes on by itself from every open state that does not wait for the person', () => {
    for (const state of SUBMISSION_STATES.filter(each => !isAtRest(submission(each))))
      expect(STEPS.filter(({ from, event }) => from.state === state && !DECISIONS.has(event))).not.toEqual([])
  })
})
