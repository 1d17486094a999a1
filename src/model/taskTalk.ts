/** What messages say about tasks: which one is meant, and what was made. */
import type { Id } from '../kernel/ids.ts'
import type { Task, TaskResult } from './task.ts'

export const TASK_LABEL = /^TASK-[A-Za-z0-9]{1,32}$/

/** The task that its claimant speaks of: what the message answers, else its label, else the only one that the claimant has. */
export function taskMeant(
  message: { readonly label: string | undefined; readonly replyTo: Id | undefined },
  held: readonly Task[],
): Task | undefined {
  const { label, replyTo } = message
  const answered = replyTo && held.find(task => task.message === replyTo)
  if (answered) return answered
  if (label === undefined) return held.length === 1 ? held[0] : undefined
  // The one that was given last, where one label was given twice.
  return held.filter(task => task.label.toLowerCase() === label.toLowerCase()).at(-1)
}

/** A reply that asks back, or tells how things stand. */
const NO_ANSWERS: ReadonlySet<string> = new Set(['QUESTION', 'BLOCKED', 'STATUS', 'request', 'handoff'])
const ANSWERS: ReadonlySet<string> = new Set(['ANSWER', 'response'])

/**
 * Whether words to the claimant of a task that waits for an answer are one: a reply to the question, whatever its type; else only what
 * says of itself that it answers, or speaks of just this task. A notice or a note beside it lets nobody go on.
 */
export function isAnswer(
  { type, label }: { readonly type: string; readonly label: string | undefined },
  { task, isReply }: { readonly task: Pick<Task, 'label'>; readonly isReply: boolean },
): boolean {
  if (type === 'TASK') return label === task.label
  return ANSWERS.has(type) || (isReply && !NO_ANSWERS.has(type))
}

/** `TASK-042: add a health endpoint` and what follows it, as a title and a body. */
export function readTaskText(text: string): { title: string; body: string } {
  const [first = '', ...rest] = text.trim().split('\n')
  const title = first.replace(/^TASK(-[A-Za-z0-9]{1,32})?(?: [A-Za-z][\w/-]{0,127})?\s*:\s*/, '').trim() || first.trim()
  const isCut = title.length > 200
  return {
    title: isCut ? `${title.slice(0, 199)}…` : title,
    body: (isCut ? [title, ...rest] : rest).join('\n').trim(),
  }
}

const COMMITS = /\bcommits?:?\s+((?:[0-9a-f]{7,40}(?:\s*(?:,|and)\s*)?)+)/gi
const HASH = /\b[0-9a-f]{7,40}\b/g

/** What a COMPLETE in words names; only what is beyond doubt. */
export function readResult(text: string): TaskResult {
  const named = [...text.matchAll(COMMITS)].flatMap(([, list]) => list!.match(HASH) ?? [])
  return {
    summary: text.trim().slice(0, 4000),
    commits: [...new Set(named.filter(hash => /\d/.test(hash)))],
    files: [],
    artifacts: [],
  }
}

/** Numbers of tests in what a runner printed last: node:test and TAP, vitest, jest, pytest, go. Undefined when it tells none. */
export function readTestCounts(output: string): { passed: number; failed: number } | undefined {
  const plain = plainLines(output)
  const last = (pattern: RegExp) => [...plain.matchAll(pattern)].at(-1)
  const number = (match: RegExpMatchArray | undefined) => Number(match?.[1] ?? 0)
  const tap = last(/^(?:#|ℹ) pass (\d+)$/gm)
  if (tap) return { passed: number(tap), failed: number(last(/^(?:#|ℹ) fail (\d+)$/gm)) }
  const summary = last(/^[ \t]*(?:Tests:?\s|=+ .*(?:passed|failed))(.*)$/gm)?.[0]
  if (summary) {
    const passed = /(\d+) passed/.exec(summary)
    const failed = /(\d+) failed/.exec(summary)
    if (passed || failed) return { passed: Number(passed?.[1] ?? 0), failed: Number(failed?.[1] ?? 0) }
  }
  const go = [...plain.matchAll(/^[ \t]*--- (PASS|FAIL): /gm)].map(match => match[1])
  if (go.length > 0)
    return { passed: go.filter(word => word === 'PASS').length, failed: go.filter(word => word === 'FAIL').length }
  return undefined
}

/** Share of covered lines, 0 to 100: Istanbul's table, coverage.py, go, node:test. */
export function readCoverage(text: string): number | undefined {
  const output = plainLines(text)
  const found =
    /^All files\s*\|(?:\s*[\d.]+\s*\|){2}?\s*[\d.]+\s*\|\s*([\d.]+)/m.exec(output) ??
    /^TOTAL\s.*?(\d+(?:\.\d+)?)%[ \t]*$/m.exec(output) ??
    /^coverage: ([\d.]+)% of statements/m.exec(output) ??
    /^(?:#|ℹ) all files\s*\|\s*([\d.]+)/m.exec(output)
  return found ? Number(found[1]) : undefined
}

/** A summary is a short line: longer ones are cut, so that no output costs more to read than its length. */
function plainLines(output: string): string {
  return output
    .split('\n')
    .map(line =>
      line
        .slice(0, 1000)
        .replace(/\u001b\[[0-9;]*m/g, '')
        .trimEnd()
        .replace(/^\s+/, '  '),
    )
    .join('\n')
}
