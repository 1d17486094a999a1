/** The title of the monitor: where one is, and how everything stands. */
import { basename } from 'node:path'
import { shortId } from '../../../kernel/ids.ts'
import { spanWidth } from '../../layout.ts'
import { guard } from '../../text/guard.ts'
import { type Span, span } from '../../text/spans.ts'
import type { Data } from './data.ts'
import type { Place } from './places.ts'
import { roleOf } from './rows/row.ts'
import type { State } from './state.ts'

export interface Heading {
  readonly title: readonly Span[]
  readonly standing: readonly Span[]
}

/** What matters most is there however narrow the screen: where one is, whether it is live, and what wants the person. */
export function headingOf(state: State): Heading {
  const { data, places, size } = state
  const name = data === undefined ? 'monitor' : guard(basename(data.workspace))
  const way = places.slice(1).map(place => span(` › ${guard(nameOfPlace(place))}`, 'strong'))
  const title = [span(` ${name}`, 'strong'), ...way]
  const [live, ...more] = standingOf(state)
  let left = size.columns - spanWidth([...title, live!]) - 1
  const fits = (spans: readonly Span[]) => {
    const width = spanWidth(spans)
    if (width > left) return false
    left -= width
    return true
  }
  const standing = more.filter(part => fits([part])).reverse()
  const sums = data && places.length === 1 ? stateSums(data) : []
  return { title: fits(sums) ? [...title, ...sums] : title, standing: [...standing, live!] }
}

/** The most important first. */
function standingOf({ data, host, lost }: State): readonly Span[] {
  const live = lost === undefined ? span(data === undefined ? '… ' : '● live ', 'good') : span('○ no daemon ', 'bad')
  if (data === undefined) return [live]
  const waiting = data.approvals.filter(({ state }) => state === 'waiting' || state === 'held').length
  const queued = Object.values(data.queues).reduce((sum, count) => sum + count, 0)
  const load = host && `load ${host.load.toFixed(2)}/${host.cores}  mem ${Math.round(host.memory * 100)}%  `
  return [
    live,
    ...(waiting > 0 ? [span(`${waiting} to approve  `, 'warn')] : []),
    ...(load ? [span(load, host.load > host.cores ? 'warn' : 'muted')] : []),
    ...(queued > 0 ? [span(`${queued} queued  `, 'name')] : []),
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
