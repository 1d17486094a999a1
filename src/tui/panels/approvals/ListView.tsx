/** The list of what waits, and under it what there is to know of the chosen one. */
import { widthOf } from '../../../model/width.ts'
import { guard } from '../../text/guard.ts'
import { Line, Lines, Rows } from '../../text/Line.tsx'
import { type Span, span } from '../../text/spans.ts'
import { badgeOf } from './badge.ts'
import { demoOf, type Submission } from './documents.ts'
import { currentOf, listHeight, PREVIEW_ROWS, previewRows, type State, shownOf } from './state.ts'
import { headRow, layTable, rowWithBadge, tableRow } from './table.ts'

export function ListView({ state }: { readonly state: State }) {
  const shown = shownOf(state)
  const { columns } = state.size
  if (shown.length === 0) return <Empty state={state} />
  const laid = layTable(state.queue!, columns, state.now)
  const height = listHeight(state)
  const current = currentOf(state)
  const rows = Array.from({ length: height }, (_, index) => {
    const submission = shown[state.list.top + index]
    if (!submission) return [{ spans: [], columns }]
    const badge = badgeOf(state, submission.id)
    const cells = badge ? rowWithBadge(laid, submission, state.now, badge) : tableRow(laid, submission, state.now)
    const mark = span(state.marked.has(submission.id) ? '● ' : '  ', 'accent')
    return [{ spans: [mark, ...cells], columns, isSelected: state.list.top + index === state.list.selected }]
  })
  return (
    <>
      <Line spans={[span('  '), ...headRow(laid)]} columns={columns} />
      <Rows rows={rows} />
      {previewRows(state) > 0 && current && <Preview state={state} submission={current} />}
    </>
  )
}

function Preview({ state, submission }: { readonly state: State; readonly submission: Submission }) {
  const { columns } = state.size
  const { change, author, summary, measures, reason } = submission
  const where = change ? `${change.branch} at ${change.commit.slice(0, 8)} → ${change.target}` : 'a report'
  const risks = submission.risks.join('; ')
  const refused = state.refused[submission.id]
  const demo = demoOf(submission)
  const rows: (readonly Span[])[] = [
    [span('─'.repeat(columns), 'muted')],
    [span(' '), span(guard(submission.title), 'strong')],
    [span(` ${guard(author)}  `), span(guard(where), 'muted')],
    refused === undefined
      ? risks === ''
        ? [span(' no risk was seen', 'muted')]
        : [span(` risk: ${guard(risks)}`, 'warn')]
      : [span(` not decided: ${guard(refused)}`, 'bad')],
    [
      ...(reason ? [span(` ${guard(reason)} `, 'warn')] : []),
      ...(measures.length > 0 ? [span(` ${guard(measures.join('; '))} `, 'good')] : []),
      ...(demo === undefined ? [] : [span(` demo: ${guard(demo)}`, 'accent')]),
    ],
    [span(` ${guard(summary.trim().split('\n')[0] ?? '')}`)],
  ]
  return <Lines lines={rows.slice(0, PREVIEW_ROWS)} columns={columns} />
}

function Empty({ state }: { readonly state: State }) {
  const { size, queue, filter } = state
  const words: readonly (readonly Span[])[] =
    queue === undefined
      ? [[span('the daemon is asked …', 'muted')]]
      : filter !== ''
        ? [[span(`nothing matches /${guard(filter)}`, 'warn')], [span('esc', 'strong'), span(' shows all')]]
        : [
            [span('Nothing waits for you.', 'good')],
            [],
            [span('Agents hand in what is finished: ', 'muted'), span('agency submit', 'strong')],
            [span('What was decided before: ', 'muted'), span('agency approvals list --all', 'strong')],
          ]
  const height = size.rows - 2
  const above = Math.max(0, Math.floor((height - words.length) / 2))
  const lines = Array.from({ length: height }, (_, index) => centered(words[index - above] ?? [], size.columns))
  return <Lines lines={lines} columns={size.columns} />
}

function centered(spans: readonly Span[], columns: number): readonly Span[] {
  const width = spans.reduce((sum, { text }) => sum + widthOf(text), 0)
  return [span(' '.repeat(Math.max(0, Math.floor((columns - width) / 2)))), ...spans]
}
