/** One list with its title, line by line: which it is, how many rows it has, what narrows it. Pure. */
import { widthOf } from '../../../model/width.ts'
import { guard } from '../../text/guard.ts'
import type { LineProps } from '../../text/Line.tsx'
import { type Span, span } from '../../text/spans.ts'
import type { Block } from './arrange.ts'
import { countOf, rowsOf } from './lists.ts'
import { LIST_NAMES, type ListName, type Lists } from './places.ts'
import { sparkline } from './rows/talk.ts'
import type { State } from './state.ts'

const EMPTY: Readonly<Record<ListName, string>> = {
  agents: 'no agencies yet: agency create CodeAgency',
  tasks: 'no task is open',
  approvals: 'nothing waits for you',
  messages: 'nothing was said yet',
  events: 'nothing has happened yet',
}

/** As many lines as the block has rows. */
export function blockLines(state: State, place: Lists, { list, rows }: Block, columns: number): readonly LineProps[] {
  const { data, now } = state
  const all = rowsOf(data, place, list)
  const { scroll, filter } = place.lists[list]
  const nothing = data === undefined ? 'asking the daemon …' : filter === '' ? EMPTY[list] : 'no row holds these words'
  const shown = all.slice(scroll.top, scroll.top + rows - 1).map((row, index) => ({
    spans: row.draw(columns, now),
    isSelected: place.focus === list && scroll.top + index === scroll.selected,
  }))
  const lines = [
    { spans: titleSpans(state, place, list, countOf(list, all), columns) },
    ...(all.length === 0 ? [{ spans: [span(` ${nothing}`, 'muted')] }] : shown),
  ]
  return Array.from({ length: rows }, (_, row) => ({ spans: [], ...lines[row], columns }))
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
