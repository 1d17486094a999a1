/** How the monitor looks: the place where one is, between a title and the keys of the moment. */
import { Frame } from '../../Frame.tsx'
import { guard } from '../../text/guard.ts'
import { type Span, span } from '../../text/spans.ts'
import { AgentView } from './AgentView.tsx'
import { headingOf } from './heading.ts'
import { keysOf } from './keys.ts'
import { ListsView } from './ListsView.tsx'
import { HelpView, StoryView } from './StoryView.tsx'
import type { State } from './state.ts'

export function MonitorView({ state }: { readonly state: State }) {
  return (
    <Frame
      size={state.size}
      {...headingOf(state)}
      keys={state.hasHelp ? [['any key', 'back']] : keysOf(state)}
      notice={noticeSpans(state)}
    >
      {state.hasHelp ? <HelpView state={state} /> : <Shown state={state} />}
    </Frame>
  )
}

function Shown({ state }: { readonly state: State }) {
  const place = state.places.at(-1)!
  if (place.at === 'lists') return <ListsView state={state} place={place} />
  return place.at === 'agent' ? <AgentView state={state} place={place} /> : <StoryView state={state} place={place} />
}

function noticeSpans(state: State): readonly Span[] | undefined {
  const { question, isFiltering, notice, lost } = state
  const place = state.places.at(-1)!
  if (question)
    return [
      span(` ${guard(question.text)}  `, 'warn'),
      span('y', 'strong'),
      span(' yes  '),
      span('n', 'strong'),
      span(' no'),
    ]
  if (isFiltering && place.at === 'lists')
    return [
      ...[span(' /', 'accent'), span(guard(place.lists[place.focus].filter)), span('█', 'accent')],
      ...[span('  enter', 'strong'), span(' keep  ', 'muted'), span('esc', 'strong'), span(' all rows', 'muted')],
    ]
  if (notice) return [span(` ${guard(notice.text)}`, notice.isBad ? 'bad' : 'good')]
  return lost === undefined ? undefined : [span(` ${guard(lost)}; it is tried again`, 'bad')]
}
