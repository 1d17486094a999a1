import { describe, expect, it } from 'vitest'
import { type Candidate, rankCandidates } from '../../src/model/choose.ts'

function candidate(agent: string, changes: Partial<Candidate> = {}): Candidate {
  return {
    ...{ agent, capabilities: ['backend'], isCoordinator: false, state: 'ready' as const, takesWork: true },
    ...{ open: 0, waiting: 0, queued: 0, succeeded: 0, failed: 0, firstPass: 0 },
    ...changes,
  }
}
const best = (candidates: readonly Candidate[], needs = ['backend']) => rankCandidates(candidates, needs)[0]?.agent

describe('who is best suited', () => {
  it('R-AGY-7 has everything that is needed', () => {
    expect(best([candidate('C/a', { capabilities: ['frontend'] }), candidate('C/b')])).toBe('C/b')
    expect(rankCandidates([candidate('C/a')], ['backend', 'go'])).toEqual([])
  })

  it('R-AGY-7 has the least to do, where all else is equal', () => {
    expect(best([candidate('C/a', { open: 1 }), candidate('C/b')])).toBe('C/b')
    expect(best([candidate('C/a', { queued: 8 }), candidate('C/b')])).toBe('C/b')
  })

  it('R-TSK-6 has the better record, where all else is equal', () => {
    const good = { succeeded: 8, firstPass: 8 }
    const sentBack = { succeeded: 8, firstPass: 0 }
    const bad = { succeeded: 2, firstPass: 2, failed: 6 }
    expect(best([candidate('C/a', bad), candidate('C/b', sentBack), candidate('C/c', good)])).toBe('C/c')
    expect(best([candidate('C/a', bad), candidate('C/b', sentBack)])).toBe('C/b')
    // An agent without a record is given a chance before one with a bad one.
    expect(best([candidate('C/a', bad), candidate('C/b')])).toBe('C/b')
  })

  it('R-AGY-7 takes work just now, however good the others are', () => {
    const dead = candidate('C/a', { state: 'dead', takesWork: false, succeeded: 9, firstPass: 9 })
    expect(best([dead, candidate('C/b', { open: 3, failed: 5 })])).toBe('C/b')
  })

  it('R-AGY-7 tells the reasons', () => {
    expect(
      rankCandidates([candidate('C/a', { succeeded: 3, failed: 1, firstPass: 2, open: 1 })], ['backend'])[0]!.reasons,
    ).toEqual([
      'has backend',
      'is ready',
      'has 1 task, 0 more wait for it',
      '3 of 4 tasks succeeded, 2 at the first try',
    ])
  })
})
