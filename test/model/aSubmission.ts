/** A submission in a state, for tests of the model. */
import { newId } from '../../src/kernel/ids.ts'
import type { Submission, SubmissionState } from '../../src/model/submission.ts'

const NOW = 1_800_000_000_000
export const COMMIT = 'c'.repeat(40)
export const DIGEST = 'd'.repeat(64)

const APPROVAL: Submission['decision'] = {
  ...{ kind: 'approve', by: 'human', at: NOW, words: undefined, commit: COMMIT, digest: DIGEST },
}

export function submission(state: SubmissionState, changes: Partial<Submission> = {}): Submission {
  const waits = state === 'waiting' || state === 'held'
  return {
    ...{
      id: newId(),
      seq: 1,
      agency: 'Code',
      author: 'Code/a',
      submittedBy: 'Code/a',
      createdAt: NOW,
      title: 'A thing',
    },
    ...{ summary: '', demo: undefined, measures: [], digest: DIGEST, task: undefined, iteration: undefined },
    change: {
      ...{ repository: '/repo', branch: 'agency/Code/a', commit: COMMIT, target: 'main', base: 'b'.repeat(40) },
      facts: { commits: [], files: [], insertions: 0, deletions: 0, documents: [], risks: [] },
    },
    ...{ conversation: [], cause: undefined, previous: undefined, state, since: NOW, reason: undefined },
    ...{
      expiresAt: waits ? NOW + 1000 : undefined,
      checks: [],
      tests: [],
      testedIn: undefined,
      notes: [],
      sandbox: undefined,
      preview: undefined,
    },
    ...{ coverageBefore: undefined, mergedChecks: [], obstacle: undefined, merge: undefined, isSettled: false },
    decision: ['approved', 'merging', 'held', 'merged'].includes(state) ? APPROVAL : undefined,
    ...changes,
  }
}
