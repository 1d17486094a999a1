/** The title of the monitor: where one is, and how everything stands. */
import { basename } from 'node:path'
import { shortId } from '../../../kernel/ids.ts'
import { guard } from '../../text/guard.ts'
import { type Span, span } from '../../text/spans.ts'
import type { Data } from './data.ts'
import type { Place } from './places.ts'
import { roleOf } from './rows/row.ts'
import type { State } from './state.ts'

export function titleSpans({ data, places, size }: State): readonly Span[] {
  const way = places.slice(1).map(place => span(` › ${guard(nameOfPlace(place))}`, 'strong'))
  const name = data === undefined ? 'monitor' : guard(basename(data.workspace))
  const isHome = places.length === 1
  const sums = data && isHome && size.columns >= 70 ? stateSums(data) : []
  return [span(` ${name}`, 'strong'), ...way, ...sums]
}

/** What wants the person stands first; what a narrow screen has no room for is left out. */
export function standingSpans({ data, host, lost, size }: State): readonly Span[] {
  const live = lost === undefined ? span(data === undefined ? '… ' : '● live ', 'good') : span('○ no daemon ', 'bad')
  if (data === undefined) return [live]
  const waiting = data.approvals.filter(({ state }) => state === 'waiting' || state === 'held').length
  const queued = Object.values(data.queues).reduce((sum, count) => sum + count, 0)
  const load = host && `load ${host.load.toFixed(2)}/${host.cores}  mem ${Math.round(host.memory * 100)}%  `
  return [
    ...(waiting > 0 ? [span(`${waiting} to approve  `, 'warn')] : []),
    ...(queued > 0 && size.columns >= 80 ? [span(`${queued} queued  `, 'name')] : []),
    ...(load && size.columns >= 60 ? [span(load, host.load > host.cores ? 'warn' : 'muted')] : []),
    live,
  ]
}

function nameOfPlace(place: Place): string {
  if (place.at === 'lists') return place.scope ?? ''
  return place.at === 'agent' ? place.address : `${place.at} ${shortId(place.id)}`
}

function stateSums({ agencies }: Data): readonly Span[] {
  const counts = new Map<string, number>()
  for (const { agents } of agencies) for (const { state } of agents) counts.set(state, (counts.get(state) ?? 0) + 1)
  const sums = [...counts].flatMap(([state, count]) => [span(`  ${count} ${state}`, roleOf(state))])
  return [span(`  ${agencies.length} ${agencies.length === 1 ? 'agency' : 'agencies'}`, 'muted'), ...sums]
}
