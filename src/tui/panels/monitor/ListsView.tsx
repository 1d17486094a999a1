/** The lists as the screen has room for them. */
import { Line, Rows } from '../../text/Line.tsx'
import { type Span, span } from '../../text/spans.ts'
import { type Arrangement, arrange } from './arrange.ts'
import { blockLines } from './blockLines.ts'
import { countOf, rowsOf } from './lists.ts'
import { LIST_NAMES, type Lists } from './places.ts'
import type { State } from './state.ts'

const SEPARATOR = { spans: [span('│', 'muted')], columns: 1 }

export function ListsView({ state, place }: { readonly state: State; readonly place: Lists }) {
  const { size, data } = state
  const arrangement = arrange(data, place, size)
  const [left = [], right] = arrangement.columns.map(({ columns, blocks }) =>
    blocks.flatMap(block => blockLines(state, place, block, columns)),
  )
  return (
    <>
      {arrangement.hasTabs && <Line spans={tabs(state, place, arrangement)} columns={size.columns} />}
      <Rows rows={left.map((line, row) => (right ? [line, SEPARATOR, right[row]!] : [line]))} />
    </>
  )
}

function tabs({ data }: State, place: Lists, { columns }: Arrangement): readonly Span[] {
  const shown = new Set(columns.flatMap(({ blocks }) => blocks.map(({ list }) => list)))
  return LIST_NAMES.flatMap((name, index) => {
    // Of messages and events the newest are known, and their number says nothing.
    const count = name === 'messages' || name === 'events' ? 0 : countOf(name, rowsOf(data, place, name))
    const role = place.focus === name ? 'accent' : shown.has(name) ? 'plain' : 'muted'
    return [span(` ${index + 1}`, 'muted'), span(` ${name}`, role), span(`${count > 0 ? ` ${count}` : ''} `, role)]
  })
}
