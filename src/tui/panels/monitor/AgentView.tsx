/** One agent: how it stands, and its screen as it is just now. */
import { widthOf } from '../../../model/width.ts'
import { FRAME_ROWS } from '../../layout.ts'
import { guard } from '../../text/guard.ts'
import { Lines } from '../../text/Line.tsx'
import { type Span, span } from '../../text/spans.ts'
import { agentOf } from './data.ts'
import type { AgentPlace, PaneDocument } from './places.ts'
import { agentHead, paneLines } from './rows/agent.ts'
import type { State } from './state.ts'

export function AgentView({ state, place }: { readonly state: State; readonly place: AgentPlace }) {
  const { size, data, now } = state
  const { columns, rows } = size
  const agent = agentOf(data, place.address)
  const head = agent
    ? agentHead(agent, data?.queues[place.address] ?? 0, now)
    : [[span(` ${guard(place.address)} is no more`, 'bad')]]
  const height = Math.max(1, rows - FRAME_ROWS - head.length - 1)
  return <Lines lines={[...head, ruler(place.pane, columns), ...screenOf(place.pane, height)]} columns={columns} />
}

function screenOf(pane: PaneDocument | undefined, height: number): readonly (readonly Span[])[] {
  if (pane === undefined) return [[span(' looking …', 'muted')]]
  return pane.why === undefined ? paneLines(pane, height) : [[span(` ${guard(pane.why)}`, 'warn')]]
}

function ruler(pane: PaneDocument | undefined, columns: number): readonly Span[] {
  const title = pane && pane.columns > 0 ? ` its screen, ${pane.columns}×${pane.rows} ` : ' its screen '
  return [
    span('──', 'accent'),
    span(title, 'strong'),
    span('─'.repeat(Math.max(0, columns - widthOf(title) - 2)), 'accent'),
  ]
}
