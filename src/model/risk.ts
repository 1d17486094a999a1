/**
 * Why somebody should look twice at finished work: a word for each reason, and words that explain it. What the change touches is judged
 * by `risksOf` in `changeFacts.ts` (sensitive paths, size); what its trial has shown is judged here.
 *
 * untested        neither a check nor a test ran on it
 * failing-before  what was handed in of the same branch before did not pass, or it failed on the merged tree
 * coverage        fewer of the lines are covered than before
 */
import { coverageOf } from './changeFacts.ts'
import { sayCheck } from './check.ts'
import type { Submission } from './submission.ts'

const IN_GATE: ReadonlySet<Submission['state']> = new Set(['checking', 'testing'])
/** A line more or less of a large project is none. */
const NOTED_PERCENT = 1

type Judged = Pick<Submission, 'state' | 'change' | 'checks' | 'tests' | 'mergedChecks' | 'coverageBefore' | 'previous'>

export function risksOfSubmission(submission: Judged): readonly string[] {
  const { change } = submission
  if (!change) return []
  return [untested(submission), failingBefore(submission), lessCovered(submission)]
    .flatMap(risk => risk ?? [])
    .concat(change.facts.risks)
}

/** Said once the gate is behind it: until then nothing has run yet. */
function untested({ state, checks, tests }: Judged): string | undefined {
  if (IN_GATE.has(state) || checks.length + tests.length > 0) return undefined
  return 'untested: neither a check nor a test ran'
}

function failingBefore({ mergedChecks, previous }: Judged): string | undefined {
  const failed = mergedChecks.find(({ status }) => status !== 0)
  if (failed) return `failing-before: ${sayCheck(failed)} failed on the merged tree`
  return previous?.state === 'returned' ? 'failing-before: handed in before, it did not pass' : undefined
}

function lessCovered({ tests, checks, coverageBefore }: Judged): string | undefined {
  const now = coverageOf(tests.length > 0 ? tests : checks)
  if (now === undefined || coverageBefore === undefined || coverageBefore - now < NOTED_PERCENT) return undefined
  return `coverage: ${now} %, and ${coverageBefore} % before`
}
