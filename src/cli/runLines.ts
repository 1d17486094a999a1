/** How a check or a test run looks in a terminal: its name, how it ended, why it failed, and where all of its report is. */
import { sayCheck } from '../model/check.ts'
import { oneLine } from '../model/sanitize.ts'
import { paint } from './text.ts'

export interface RunDocument {
  readonly name?: string
  readonly command: string
  readonly status?: number
  readonly seconds: number
  readonly log: string
  readonly ended?: string
  readonly failures?: readonly { readonly name: string; readonly message: string }[]
  readonly tail?: readonly string[]
  readonly tests?: { readonly passed: number; readonly failed: number }
  readonly coverage?: number
}

const MOST_FAILURES = 20

export function runLines(run: RunDocument): readonly string[] {
  const { status, seconds, ended, log, tests, coverage } = run
  const how = status === undefined ? (ended ?? 'took too long') : `failed with ${status}`
  const facts = [
    status === 0 ? paint('green', 'passed') : paint('red', oneLine(how, 100)),
    sayCheck(run),
    ...(tests ? [`${tests.passed} passed, ${tests.failed} failed`] : []),
    ...(coverage === undefined ? [] : [`${coverage} % covered`]),
    `${seconds} s`,
  ]
  return [facts.join('  '), ...(status === 0 ? [] : why(run)), paint('gray', status === 0 ? log : `all of it: ${log}`)]
}

/** The tests that failed, by name; where none are known, the last lines that it printed. */
function why({ failures = [], tail = [] }: RunDocument): readonly string[] {
  if (failures.length === 0) return tail.map(line => `  ${oneLine(line, 200)}`)
  const more = failures.length - MOST_FAILURES
  const rows = failures
    .slice(0, MOST_FAILURES)
    .map(({ name, message }) => `  ${paint('red', `✖ ${oneLine(name, 100)}`)}  ${oneLine(message, 120)}`)
  return more > 0 ? [...rows, `  … and ${more} more`] : rows
}
