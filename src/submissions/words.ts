/** What is said about a submission: to its author, to the person, and in the merge commit. */
import { shortId } from '../kernel/ids.ts'
import { sumTests } from '../model/changeFacts.ts'
import type { Address } from '../model/names.ts'
import { oneLine, sanitise } from '../model/sanitize.ts'
import type { Submission } from '../model/submission.ts'
import type { CheckRun } from '../model/task.ts'
import { readTail } from '../tasks/checks.ts'

const SHOWN_LINES = 40
const SHOWN_CHARACTERS = 4_000

export function mergeMessage(of: {
  id: string
  branch: string
  target: string
  title: string
  author: Address
  decision: Submission['decision']
}): string {
  return [
    `Merge ${of.branch} into ${of.target}: ${oneLine(of.title, 60)}`,
    '',
    `Approved by ${of.decision?.by ?? 'nobody'}, made by ${of.author}.`,
    '',
    `Agency-Submission: ${of.id}`,
  ].join('\n')
}

/** `"Add x" of Code/a (agency/Code/a at 1a2b3c4d, 3 files, +10 -2, 14 tests pass)` */
export function nameIt({ title, author, change, tests, checks }: Submission): string {
  const counted = sumTests(tests.length > 0 ? tests : checks)
  const told = counted
    ? `, ${counted.passed} ${counted.passed === 1 ? 'test passes' : 'tests pass'}${counted.failed > 0 ? `, ${counted.failed} fail` : ''}`
    : ''
  const what = change
    ? `${change.branch} at ${change.commit.slice(0, 8)}, ${change.facts.files.length} ${change.facts.files.length === 1 ? 'file' : 'files'}, +${change.facts.insertions} -${change.facts.deletions}${told}`
    : 'a report'
  return `${JSON.stringify(oneLine(title, 80))} of ${author} (${what})`
}

/** What is told to its author when it did not pass: why, and the end of the output. */
export async function returnedText(submission: Submission): Promise<string> {
  const failed = [...submission.tests, ...submission.checks].find(({ status }) => status !== 0)
  return [
    `${named(submission)} was handed in and did not pass: ${submission.reason ?? 'no reason is known'}`,
    ...(failed ? [`The end of its output (all of it: ${failed.log}):\n${await endOf(failed)}`] : []),
    'Mend it, commit, and hand it in again.',
  ].join('\n\n')
}

async function endOf(run: CheckRun): Promise<string> {
  const lines = (await readTail(run.log, 8_000)).trimEnd().split('\n').slice(-SHOWN_LINES).join('\n')
  return sanitise(lines.slice(-SHOWN_CHARACTERS)).text
}

/** What is told to its author when the person wants something else. */
export function refusedText(submission: Submission): string {
  const { state, decision } = submission
  const what = state === 'rejected' ? 'was rejected' : 'is to be changed'
  return `${named(submission)} ${what} by the person: ${sanitise(decision?.words ?? 'no words').text}\n\nIt stays on its branch: go on from there, commit, and hand it in again.`
}

function named({ title, change, id }: Submission): string {
  return `${JSON.stringify(oneLine(title, 80))}${change ? ` (commit ${change.commit.slice(0, 12)})` : ''} [${shortId(id)}]`
}
