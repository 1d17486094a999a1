/** The lists as the screen has room for them. */
import { Box } from 'ink'
import { Line } from '../../text/Line.tsx'
import { type Span, span } from '../../text/spans.ts'
import { type Arrangement, arrange } from './arrange.ts'
import { ListBlock } from './ListBlock.tsx'
import { countOf, rowsOf } from './lists.ts'
import { LIST_NAMES, type Lists } from './places.ts'
import type { State } from './state.ts'

export function ListsView({ state, place }: { readonly state: State; readonly place: Lists }) {
  const { size, data } = state
  const arrangement = arrange(data, place, size)
  return (
    <Box flexDirection="column" width={size.columns}>
      {arrangement.hasTabs && <Line spans={tabs(state, place, arrangement)} columns={size.columns} />}
      <Box width={size.columns}>
        {arrangement.columns.map(({ columns, blocks }, index) => (
          <Box key={blocks[0]!.list} width={columns + (index > 0 ? 1 : 0)}>
            {index > 0 && <Separator rows={blocks.reduce((sum, { rows }) => sum + rows, 0)} />}
            <Box flexDirection="column" width={columns}>
              {blocks.map(block => (
                <ListBlock key={block.list} state={state} place={place} block={block} columns={columns} />
              ))}
            </Box>
          </Box>
        ))}
      </Box>
    </Box>
  )
}

function Separator({ rows }: { readonly rows: number }) {
  const lines = Array.from({ length: rows }, (_, row) => row)
  return (
    <Box flexDirection="column" width={1}>
      {lines.map(row => (
        <Line key={row} spans={[span('│', 'muted')]} columns={1} />
      ))}
    </Box>
  )
}

function tabs({ data }: State, place: Lists, { columns }: Arrangement): readonly Span[] {
  const shown = new Set(columns.flatMap(({ blocks }) => blocks.map(({ list }) => list)))
  return LIST_NAMES.flatMap((name, index) => {
    const count = countOf(name, rowsOf(data, place, name))
    const role = place.focus === name ? 'accent' : shown.has(name) ? 'plain' : 'muted'
    return [span(` ${index + 1}`, 'muted'), span(` ${name}`, role), span(`${count > 0 ? ` ${count}` : ''} `, role)]
  })
}
