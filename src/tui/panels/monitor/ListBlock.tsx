/** One list with its title: which it is, how many rows it has, what narrows it. */
import { Box } from 'ink'
import { widthOf } from '../../../model/width.ts'
import { guard } from '../../text/guard.ts'
import { Line } from '../../text/Line.tsx'
import { type Span, span } from '../../text/spans.ts'
import type { Block } from './arrange.ts'
import { countOf, rowsOf } from './lists.ts'
import { LIST_NAMES, type ListName, type Lists } from './places.ts'
import { sparkline } from './rows/talk.ts'
import type { State } from './state.ts'

interface ListBlockProps {
  readonly state: State
  readonly place: Lists
  readonly block: Block
  readonly columns: number
}

const EMPTY: Readonly<Record<ListName, string>> = {
  agents: 'no agencies yet: agency create CodeAgency',
  tasks: 'no task is open',
  approvals: 'nothing waits for you',
  messages: 'nothing was said yet',
  events: 'nothing has happened yet',
}

export function ListBlock({ state, place, block: { list, rows }, columns }: ListBlockProps) {
  const { data, now } = state
  const all = rowsOf(data, place, list)
  const { scroll, filter } = place.lists[list]
  const isFocused = place.focus === list
  const shown = all.slice(scroll.top, scroll.top + rows - 1)
  const nothing = data === undefined ? 'asking the daemon …' : filter === '' ? EMPTY[list] : 'no row holds these words'
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Line spans={titleSpans(state, place, list, countOf(list, all), columns)} columns={columns} />
      {all.length === 0 && rows > 1 && <Line spans={[span(` ${nothing}`, 'muted')]} columns={columns} />}
      {shown.map((row, index) => (
        <Line
          key={row.key}
          spans={row.draw(columns, now)}
          columns={columns}
          isSelected={isFocused && scroll.top + index === scroll.selected}
        />
      ))}
    </Box>
  )
}

function titleSpans({ data }: State, place: Lists, list: ListName, count: number, columns: number): readonly Span[] {
  const role = place.focus === list ? 'accent' : 'muted'
  const { filter } = place.lists[list]
  const head = [
    span(`─ ${LIST_NAMES.indexOf(list) + 1} `, role),
    span(list, place.focus === list ? 'strong' : 'muted'),
    span(` ${count} `, role),
    ...(filter === '' ? [] : [span(`/${guard(filter)} `, 'warn')]),
  ]
  const tail = list === 'messages' && data ? flowSpans(data.flow, columns) : []
  const used = [...head, ...tail].reduce((sum, { text }) => sum + widthOf(text), 0)
  return [...head, span('─'.repeat(Math.max(0, columns - used)), role), ...tail]
}

function flowSpans(flow: NonNullable<State['data']>['flow'], columns: number): readonly Span[] {
  const bars = sparkline(flow, Math.max(0, Math.min(30, columns - 50)))
  return [...(bars === '' ? [] : [span(` ${bars}`, 'accent')]), span(` ${flow.lastMinute}/min `)]
}
