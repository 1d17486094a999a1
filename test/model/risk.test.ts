import { expect, it } from 'vitest'
import { newId } from '../../src/kernel/ids.ts'
import { finalTask } from '../../src/model/finalise.ts'
import { risksOfSubmission } from '../../src/model/risk.ts'
import { submission } from './aSubmission.ts'

const run = (status: number, coverage?: number) => ({
  ...{ command: 'npm test', status, seconds: 1, log: '/log', tests: undefined, coverage },
})

it('R-APR-3 risks: untested once the gate is behind it, failing before, less covered, and what it touches', () => {
  expect(risksOfSubmission(submission('waiting'))).toEqual(['untested: neither a check nor a test ran'])
  expect(risksOfSubmission(submission('testing'))).toEqual([])
  expect(risksOfSubmission(submission('waiting', { change: undefined }))).toEqual([])
  const { change } = submission('waiting')
  const facts = { ...change!.facts, risks: ['changes CI: .github/workflows/ci.yml'] }
  expect(
    risksOfSubmission(
      submission('waiting', {
        ...{ tests: [run(0, 70)], coverageBefore: 71, mergedChecks: [run(1)], change: { ...change!, facts } },
      }),
    ),
  ).toEqual([
    'failing-before: npm test failed on the merged tree',
    'coverage: 70 %, and 71 % before',
    'changes CI: .github/workflows/ci.yml',
  ])
  const previous = { id: newId(), commit: 'c', state: 'returned' as const }
  expect(risksOfSubmission(submission('waiting', { checks: [run(0, 70)], coverageBefore: 70.9, previous }))).toEqual([
    'failing-before: handed in before, it did not pass',
  ])
})

it('R-APR-4 what is left to finalise is a task; of documents alone, of a task that finalises, and without anything to write into, none', () => {
  const files = (...paths: string[]) => paths.map(path => ({ path, insertions: 1, deletions: 0 }))
  const merged = (...paths: string[]) => {
    const { change } = submission('merged')
    const facts = { ...change!.facts, files: files(...paths) }
    return submission('merged', { change: { ...change!, facts }, merge: { commit: 'm'.repeat(40), onto: 'o' } })
  }
  const none = { changelog: undefined, hasDocuments: false, hasWriters: false, isFinalising: false }
  const logged = { ...none, changelog: 'CHANGELOG.md' }
  expect(finalTask(merged('src/a.js'), none)).toBeUndefined()
  expect(finalTask(merged('README.md', 'docs/a.md'), logged)).toBeUndefined()
  expect(finalTask(merged('src/a.js', 'CHANGELOG.md'), logged)).toBeUndefined()
  expect(finalTask(merged('src/a.js'), { ...logged, isFinalising: true })).toBeUndefined()
  expect(finalTask(merged('src/a.js'), logged)?.body).toContain('1. Add what it means for a user to CHANGELOG.md')
  expect(finalTask(merged('src/a.js', 'CHANGELOG.md'), { ...logged, hasWriters: true })?.body).toMatch(/^1\. Bring up/m)
  expect(finalTask(merged('src/a.js'), { ...none, hasDocuments: true })?.title).toBe('Finalise and document: A thing')
})
