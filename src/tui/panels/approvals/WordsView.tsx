/** Where there is no editor: the words that go to whoever made it. */
import { wrap } from '../../../model/width.ts'
import { guard, guardLines } from '../../text/guard.ts'
import { Lines } from '../../text/Line.tsx'
import { span } from '../../text/spans.ts'
import type { Ask, State } from './state.ts'

export function WordsView({ state, ask }: { readonly state: State; readonly ask: Extract<Ask, { what: 'words' }> }) {
  const { columns, rows } = state.size
  const height = rows - 2
  const titles = ask.ids.map(id => state.queue?.find(each => each.id === id)?.title ?? id).map(guard)
  const head = ask.kind === 'reject' ? 'Why is it rejected?' : 'What is to be changed?'
  const about = [
    [span(` ${head}`, 'strong'), span('  It goes to whoever made it.', 'muted')],
    ...titles.slice(0, 3).map(title => [span(`   ${title}`, 'muted')]),
    ...(titles.length > 3 ? [[span(`   and ${titles.length - 3} more`, 'muted')]] : []),
    [],
  ]
  const text = guardLines(ask.text).flatMap(line => wrap(line, columns - 4))
  const shown = text.slice(-Math.max(1, height - about.length))
  const lines = shown.map((line, index) => [
    span(' │ ', 'accent'),
    span(line),
    ...(index === shown.length - 1 ? [span(' ', 'selected')] : []),
  ])
  const all = [...about, ...lines]
  return <Lines lines={Array.from({ length: height }, (_, index) => all[index] ?? [])} columns={columns} />
}
