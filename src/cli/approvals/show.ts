/** How submissions look in a terminal. What agents wrote never moves the cursor or hides a character. */
import { oneLine, sanitise } from '../../model/sanitize.ts'
import type { Client } from '../client.ts'
import { type RunDocument, runLines } from '../runLines.ts'
import { age, columns, cut, dayAndTime, paint, state } from '../text.ts'
import type { Result } from '../verb.ts'

export interface SubmissionDocument {
  readonly id: string
  readonly agency: string
  readonly author: string
  readonly submittedBy: string
  readonly createdAt: string
  readonly title: string
  readonly summary: string
  readonly demo?: string
  readonly measures: readonly string[]
  readonly change?: {
    readonly branch: string
    readonly commit: string
    readonly target: string
    readonly facts: {
      readonly commits: readonly { readonly hash: string; readonly author: string; readonly subject: string }[]
      readonly files: readonly { readonly path: string; readonly insertions?: number; readonly deletions?: number }[]
      readonly insertions: number
      readonly deletions: number
      readonly documents: readonly string[]
      readonly risks: readonly string[]
    }
  }
  readonly digest: string
  readonly task?: string
  readonly conversation: readonly string[]
  readonly previous?: { readonly id: string; readonly state?: string }
  readonly state: string
  readonly since: string
  readonly reason?: string
  readonly expiresAt?: string
  readonly checks: readonly RunDocument[]
  readonly tests: readonly RunDocument[]
  readonly testedIn?: string
  readonly notes: readonly string[]
  readonly sandbox?: string
  readonly preview?: string
  readonly recording?: string
  readonly risks: readonly string[]
  readonly mergedChecks: readonly RunDocument[]
  readonly counts?: { readonly passed: number; readonly failed: number }
  readonly coverage?: number
  readonly coverageBefore?: number
  readonly decision?: { readonly kind: string; readonly by: string; readonly at: string; readonly words?: string }
  readonly merge?: { readonly commit: string }
}

export interface StoryDocument {
  readonly submission: SubmissionDocument
  readonly events: readonly {
    readonly at: string
    readonly by: string
    readonly event: string
    readonly state: string
    readonly reason?: string
  }[]
}

const MOST_FILES = 40
const INDENT = ' '.repeat(10)

/** What a decision is made by comes first: a narrow terminal cuts the rest. */
export function showQueue(submissions: readonly SubmissionDocument[]): string {
  if (submissions.length === 0) return ''
  const head = ['id', 'state', 'agency', 'title', 'tests', 'files', 'lines', 'age', 'coverage', 'branch', 'risk'].map(
    word => paint('gray', word),
  )
  const rows = submissions.map(submission => {
    const { change } = submission
    return [
      paint('bold', submission.id.slice(-8)),
      state(submission.state),
      submission.agency,
      oneLine(submission.title, 40),
      tests(submission),
      change ? String(change.facts.files.length) : '',
      change ? `+${change.facts.insertions} -${change.facts.deletions}` : '',
      age(submission.createdAt),
      coverage(submission),
      change ? oneLine(change.branch, 40) : paint('gray', 'report'),
      submission.risks.length > 0 ? paint('yellow', oneLine(submission.risks.join('; '), 60)) : '',
    ]
  })
  return columns([head, ...rows])
    .split('\n')
    .map(line => cut(line))
    .join('\n')
}

export function showMovedSubmission({ id, state: now, title, reason }: SubmissionDocument): string {
  const why = reason ? `  ${paint('gray', oneLine(reason, 200))}` : ''
  return `${paint('bold', id.slice(-8))}  ${state(now)}  ${oneLine(title, 80)}${why}`
}

export function showSubmissionStory({ submission, events }: StoryDocument): string {
  const { change, decision, summary } = submission
  const facts: (readonly [string, string | undefined])[] = [
    [
      'by',
      `${submission.author}${submission.submittedBy === submission.author ? '' : `, handed in by ${submission.submittedBy}`}`,
    ],
    ['branch', change && `${oneLine(change.branch, 100)} at ${change.commit.slice(0, 12)}, into ${change.target}`],
    ['tests', change ? tried(submission) : undefined],
    ['coverage', coverage(submission)],
    ['demo', demo(submission)],
    ['risk', submission.risks.map(risk => oneLine(risk, 200)).join(`\n${INDENT}`)],
    ['notes', submission.notes.map(note => oneLine(note, 200)).join(`\n${INDENT}`)],
    ['documents', change?.facts.documents.map(path => oneLine(path, 100)).join(', ')],
    ['measures', submission.measures.map(line => oneLine(line, 200)).join('; ')],
    ['task', submission.task && `agency task show ${submission.task.slice(-8)}`],
    ['messages', submission.conversation.map(id => `agency trace ${id.slice(-8)}`).join(', ')],
    ['before', submission.previous && `agency approvals diff ${submission.id.slice(-8)} --since-previous`],
    [
      'decision',
      decision && `${decision.kind} by ${decision.by}${decision.words ? `: ${oneLine(decision.words, 300)}` : ''}`,
    ],
    ['merged', submission.state === 'merged' ? submission.merge?.commit.slice(0, 12) : undefined],
    ['expires', submission.expiresAt && dayAndTime(submission.expiresAt)],
  ]
  return [
    showMovedSubmission(submission),
    ...facts.flatMap(([name, value]) => (value ? [`${paint('gray', name.padEnd(9))} ${value}`] : [])),
    ...(summary ? ['', sanitise(summary).text.trimEnd()] : []),
    ...runs('checks', submission.checks),
    ...runs('tests', submission.tests),
    ...runs('merged', submission.mergedChecks),
    ...(change ? ['', ...fileLines(change.facts)] : []),
    '',
    ...events.map(
      ({ at, by, event, state: to, reason }) =>
        `${paint('gray', dayAndTime(at))}  ${event} → ${to}  ${by}${reason ? `  ${paint('gray', oneLine(reason, 160))}` : ''}`,
    ),
    ...next(submission),
  ].join('\n')
}

/** Exit code 4 when it did not come to what was waited for. */
export async function waitForSubmission(
  client: Client,
  id: string,
  timeoutMs: number,
  ...goals: readonly string[]
): Promise<Result> {
  const path = `/v1/submissions/${encodeURIComponent(id)}/wait`
  const data = (await client.get(path, { timeoutMs })) as { submission: SubmissionDocument }
  const isUnderWay = ['checking', 'testing', 'approved', 'merging'].includes(data.submission.state)
  const isThere = goals.includes(data.submission.state)
  return { data, text: showMovedSubmission(data.submission), exitCode: isThere ? 0 : isUnderWay ? 7 : 4 }
}

/** Nothing that ran is no evidence, and says so. */
function tried(submission: SubmissionDocument): string {
  if (submission.tests.length === 0 && submission.testedIn !== undefined) return paint('yellow', 'none ran')
  return [tests(submission), submission.testedIn && `in ${submission.testedIn}`].filter(Boolean).join(' ')
}

function tests({ counts }: SubmissionDocument): string {
  if (!counts) return ''
  return counts.failed > 0
    ? paint('red', `${counts.passed} of ${counts.passed + counts.failed}`)
    : paint('green', `${counts.passed} pass`)
}

function coverage({ coverage: now, coverageBefore: before }: SubmissionDocument): string {
  if (now === undefined) return ''
  if (before === undefined) return `${now} %`
  const change = Math.round((now - before) * 100) / 100
  return `${now} % (${change >= 0 ? '+' : ''}${change})`
}

function runs(what: string, given: readonly RunDocument[]): string[] {
  return given.flatMap((run, index) => {
    const [head, ...more] = runLines(run)
    return [`${paint('gray', (index === 0 ? what : '').padEnd(9))} ${head}`, ...more.map(line => `${INDENT}${line}`)]
  })
}

/** What its author names is only said; a preview was asked by us, and answered. */
function demo({ id, preview, recording, demo: named }: SubmissionDocument): string | undefined {
  const own = named && `${oneLine(named, 200)} ${paint('gray', '(named by its author)')}`
  const ours = preview
    ? `${preview} ${paint('gray', `(agency approvals demo ${id.slice(-8)} wakes it where it rests)`)}`
    : recording && `agency approvals demo ${id.slice(-8)} --play ${paint('gray', `(${recording})`)}`
  return [ours, own].filter(Boolean).join(`\n${INDENT}`)
}

function fileLines({
  files,
  insertions,
  deletions,
  commits,
}: NonNullable<SubmissionDocument['change']>['facts']): string[] {
  const shown = files.slice(0, MOST_FILES)
  const rows = shown.map(file => [
    file.insertions === undefined ? 'binary' : `+${file.insertions}`,
    file.deletions === undefined ? '' : `-${file.deletions}`,
    oneLine(file.path, 120),
  ])
  const more = files.length > shown.length ? [`… and ${files.length - shown.length} more`] : []
  return [
    ...commits
      .slice(0, 20)
      .map(
        ({ hash, subject, author }) =>
          `${hash.slice(0, 12)} ${oneLine(subject, 80)}  ${paint('gray', oneLine(author, 60))}`,
      ),
    columns(rows),
    ...more,
    paint('gray', `${files.length} ${files.length === 1 ? 'file' : 'files'}, +${insertions} -${deletions}`),
  ]
}

function next({ id, state: now }: SubmissionDocument): string[] {
  if (now !== 'waiting' && now !== 'held') return []
  const short = id.slice(-8)
  const again =
    now === 'held'
      ? [`${paint('gray', 'next')}   it goes on once that is gone   ·   agency approvals retry ${short}`]
      : []
  return [
    '',
    ...again,
    `${paint('gray', 'next')}   agency approvals approve ${short}   ·   reject ${short} "why"   ·   request-changes ${short} "what"   ·   diff ${short}`,
  ]
}
