/** The five lists: the rows of each, filtered, and which of them is chosen. */
import { fitScroll, type Motion, moveSelection } from '../../scroll.ts'
import type { Data } from './data.ts'
import { LIST_NAMES, type ListName, type ListState, type Lists } from './places.ts'
import { agentRows } from './rows/agents.ts'
import type { Row } from './rows/row.ts'
import { eventRows, messageRows } from './rows/talk.ts'
import { approvalRows, taskRows } from './rows/work.ts'

const ROWS: Readonly<Record<ListName, (data: Data, scope: string | undefined) => readonly Row[]>> = {
  agents: agentRows,
  tasks: taskRows,
  approvals: approvalRows,
  messages: messageRows,
  events: eventRows,
}

/** Of lists whose newest row is the first one, the first stays chosen when another one comes. */
const NEWEST_FIRST: ReadonlySet<ListName> = new Set(['messages', 'events'])

/** Made once of what is known, since it is asked for where they stand, which is chosen, and what is shown. */
const made = new WeakMap<Data, Map<string, readonly Row[]>>()

export function rowsOf(data: Data | undefined, { scope, lists }: Lists, name: ListName): readonly Row[] {
  if (data === undefined) return []
  const filter = lists[name].filter.toLowerCase()
  const known = made.get(data) ?? new Map<string, readonly Row[]>()
  made.set(data, known)
  const key = JSON.stringify([name, scope, filter])
  const rows = known.get(key) ?? filtered(ROWS[name](data, scope), filter)
  known.set(key, rows)
  return rows
}

function filtered(rows: readonly Row[], filter: string): readonly Row[] {
  return filter === '' ? rows : rows.filter(({ text }) => text.toLowerCase().includes(filter))
}

/** Agencies stand among their agents, and are not counted as such. */
export function countOf(list: ListName, rows: readonly Row[]): number {
  return list === 'agents' ? rows.filter(({ key }) => key.includes('/')).length : rows.length
}

export function chosenRow(data: Data | undefined, place: Lists): Row | undefined {
  const rows = rowsOf(data, place, place.focus)
  return rows[place.lists[place.focus].scroll.selected]
}

export type Heights = Readonly<Record<ListName, number>>

/** What was chosen stays chosen, wherever it stands now. */
export function settled(data: Data | undefined, place: Lists, heights: Heights): Lists {
  const lists = Object.fromEntries(LIST_NAMES.map(name => [name, settle(data, place, name, heights[name])]))
  return { ...place, lists: lists as Lists['lists'] }
}

function settle(data: Data | undefined, place: Lists, name: ListName, height: number): ListState {
  const list = place.lists[name]
  const rows = rowsOf(data, place, name)
  const { selected } = list.scroll
  const isFollowing = NEWEST_FIRST.has(name) && selected === 0
  const found = list.key === undefined || isFollowing ? -1 : rows.findIndex(({ key }) => key === list.key)
  const scroll = fitScroll({ ...list.scroll, selected: found < 0 ? selected : found }, rows.length, height)
  return { ...list, scroll, key: rows[scroll.selected]?.key }
}

export function moved(data: Data | undefined, place: Lists, motion: Motion, heights: Heights): Lists {
  const { focus, lists } = place
  const rows = rowsOf(data, place, focus)
  const scroll = moveSelection(lists[focus].scroll, motion, rows.length, heights[focus])
  return withList(place, focus, { scroll, key: rows[scroll.selected]?.key })
}

export function withList(place: Lists, name: ListName, change: Partial<ListState>): Lists {
  return { ...place, lists: { ...place.lists, [name]: { ...place.lists[name], ...change } } }
}

export function focused(place: Lists, focus: ListName): Lists {
  return { ...place, focus, beside: focus === 'agents' ? place.beside : focus }
}
