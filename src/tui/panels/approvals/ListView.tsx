/** The list of what waits, and under it what there is to know of the chosen one. */
import { widthOf } from '../../../model/width.ts'
import { guard } from '../../text/guard.ts'
import { Line } from '../../text/Line.tsx'
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
  const rows = shown.slice(state.list.top, state.list.top + height)
  return (
    <>
      <Line spans={[span('  '), ...headRow(laid), ...place(state, shown.length, height)]} columns={columns} />
      {rows.map((submission, index) => {
        const badge = badgeOf(state, submission.id)
        const isMarked = state.marked.has(submission.id)
        return (
          <Line
            key={submission.id}
            spans={[
              span(isMarked ? '● ' : '  ', 'accent'),
              ...(badge ? rowWithBadge(laid, submission, state.now, badge) : tableRow(laid, submission, state.now)),
            ]}
            columns={columns}
            isSelected={state.list.top + index === state.list.selected}
          />
        )
      })}
      {Array.from({ length: height - rows.length }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an empty row has nothing else
        <Line key={index} spans={[]} columns={columns} />
      ))}
      {previewRows(state) > 0 && current && <Preview state={state} submission={current} />}
    </>
  )
}

/** Only where not all of them are seen. */
function place({ list }: State, count: number, height: number): readonly Span[] {
  return count > height ? [span(`${list.selected + 1}/${count}`, 'muted')] : []
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
      ...(reason ? [span(` ${guard(reason)}`, 'warn')] : []),
      ...(measures.length > 0 ? [span(` ${guard(measures.join('; '))}`, 'good')] : []),
      ...(demo === undefined ? [] : [span(`  demo: ${guard(demo)}`, 'accent')]),
    ],
    [span(` ${guard(summary.trim().split('\n')[0] ?? '')}`)],
  ]
  return rows.slice(0, PREVIEW_ROWS).map((spans, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a row of a screen is its place
    <Line key={index} spans={spans} columns={columns} />
  ))
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
  return Array.from({ length: height }, (_, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a row of a screen is its place
    <Line key={index} spans={centered(words[index - above] ?? [], size.columns)} columns={size.columns} />
  ))
}

function centered(spans: readonly Span[], columns: number): readonly Span[] {
  const width = spans.reduce((sum, { text }) => sum + widthOf(text), 0)
  return [span(' '.repeat(Math.max(0, Math.floor((columns - width) / 2)))), ...spans]
}
