/** What the commands of a submission printed: the end of each, as much as a person reads. */
import type { Submission } from '../model/submission.ts'
import { readTail } from '../tasks/checks.ts'

const SHOWN_BYTES = 60_000

/** By the path of the log. */
export async function readOutputs({
  tests,
  checks,
  mergedChecks,
}: Pick<Submission, 'tests' | 'checks' | 'mergedChecks'>): Promise<Readonly<Record<string, string>>> {
  const logs = [...new Set([...tests, ...mergedChecks, ...checks].map(({ log }) => log))]
  return Object.fromEntries(await Promise.all(logs.map(async log => [log, await readTail(log, SHOWN_BYTES)] as const)))
}
