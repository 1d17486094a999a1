/** The page that says what it is, what speaks for it, and what against. */
import { dayAndTime, howLong } from '../../../../cli/text.ts'
import { changeSpans } from '../../../diff/show.ts'
import { guard } from '../../../text/guard.ts'
import { span } from '../../../text/spans.ts'
import { demoOf, type Submission, shortId } from '../documents.ts'
import { coverageText, testsText } from '../table.ts'
import { fact, heading, prose, type Row } from './rows.ts'

export function summaryPage(submission: Submission, now: number, columns: number): readonly Row[] {
  const { change, decision, expiresAt, reason } = submission
  const risks = submission.risks
  const tests = testsText(submission)
  return [
    ...fact('state', `${submission.state} for ${howLong(now - Date.parse(submission.since))}`, columns),
    ...(reason ? fact('why', reason, columns, 'warn') : []),
    ...fact('by', byWhom(submission), columns),
    ...(submission.previous ? fact('before', before(submission.previous), columns, 'accent') : []),
    ...fact('branch', change && `${change.branch} at ${change.commit.slice(0, 12)}, into ${change.target}`, columns),
    ...fact(
      'tests',
      [tests.text, submission.testedIn && `in ${submission.testedIn}`].filter(Boolean).join('  '),
      columns,
      tests.role,
    ),
    ...fact('coverage', coverageText(submission), columns),
    ...fact('demo', demoOf(submission), columns, 'accent'),
    ...fact('risk', risks.join('\n'), columns, 'warn'),
    ...(submission.measures.length > 0 ? fact('measures', submission.measures.join('\n'), columns, 'good') : []),
    ...(submission.notes.length > 0 ? fact('notes', submission.notes.join('\n'), columns) : []),
    ...(decision
      ? fact('decision', `${decision.kind} by ${decision.by}${decision.words ? `: ${decision.words}` : ''}`, columns)
      : []),
    ...(expiresAt
      ? fact('expires', `${dayAndTime(expiresAt)}, in ${howLong(Date.parse(expiresAt) - now)}`, columns)
      : []),
    ...heading(change ? 'What its author says' : 'The report'),
    ...prose(submission.summary || 'nothing', columns, submission.summary ? 'plain' : 'muted'),
    ...(change ? commits(change.facts, columns) : []),
    ...(change ? files(change.facts) : []),
  ]
}

function byWhom({ author, submittedBy, createdAt }: Submission): string {
  const via = submittedBy === author ? '' : `, handed in by ${submittedBy}`
  return `${author}${via}, ${dayAndTime(createdAt)}`
}

function before(previous: NonNullable<Submission['previous']>): string {
  const { state } = previous
  return `${shortId(previous)}${state ? `, ${state}` : ''}: p on the diff shows what changed since`
}

type Facts = NonNullable<Submission['change']>['facts']

function commits({ commits: all }: Facts, columns: number): Row[] {
  return [
    ...heading('Commits', String(all.length)),
    ...all.map(({ hash, subject, author }) => [
      span(` ${hash.slice(0, 10)} `, 'accent'),
      span(guard(subject)),
      span(columns > 90 ? `  ${guard(author)}` : '', 'muted'),
    ]),
  ]
}

function files({ files: all, insertions, deletions }: Facts): Row[] {
  return [
    ...heading('Files', `${all.length}, +${insertions} -${deletions}`),
    ...all.map(({ path, insertions: more, deletions: less }) => {
      const isBinary = more === undefined
      const file = {
        path,
        change: 'changed',
        isBinary,
        insertions: more ?? 0,
        deletions: less ?? 0,
        lines: [],
      } as const
      return [span(` ${guard(path)}  `), ...changeSpans(file)]
    }),
  ]
}
