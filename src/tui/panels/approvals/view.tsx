/** How the approvals screen looks: the list, one that is open, or what is asked. */
import { howLong } from '../../../cli/text.ts'
import { Frame } from '../../Frame.tsx'
import { guard } from '../../text/guard.ts'
import { type Span, span } from '../../text/spans.ts'
import { badgeOf } from './badge.ts'
import { waits } from './documents.ts'
import { HelpView } from './HelpView.tsx'
import { keyHints } from './keys.ts'
import { ListView } from './ListView.tsx'
import { OpenedView } from './OpenedView.tsx'
import { currentOf, listHeight, type State, shownOf } from './state.ts'
import { WordsView } from './WordsView.tsx'

export function ApprovalsView({ state }: { readonly state: State }) {
  return (
    <Frame
      size={state.size}
      title={titleOf(state)}
      standing={standingOf(state)}
      keys={keyHints(state)}
      notice={noticeOf(state)}
    >
      <Body state={state} />
    </Frame>
  )
}

function Body({ state }: { readonly state: State }) {
  const { ask, opened } = state
  if (ask?.what === 'help') return <HelpView size={state.size} />
  if (ask?.what === 'words') return <WordsView state={state} ask={ask} />
  return opened ? <OpenedView state={state} opened={opened} /> : <ListView state={state} />
}

function titleOf(state: State): readonly Span[] {
  const { opened, queue, marked, filter, ask } = state
  if (opened) {
    const current = currentOf(state)
    const badge = badgeOf(state, opened.id)
    return [
      span(` ${opened.id.slice(-8)} `, 'muted'),
      ...(badge ? [badge, span(' ')] : []),
      span(guard(current?.title ?? ''), 'strong'),
    ]
  }
  const all = queue ?? []
  const waiting = all.filter(waits).length
  const more = [
    ...(all.length > waiting ? [`${all.length - waiting} under way`] : []),
    ...(filter !== '' && ask?.what !== 'filter' ? [`${shownOf(state).length} match /${guard(filter)}`] : []),
    ...(marked.size > 0 ? [`${marked.size} marked`] : []),
  ]
  return [
    span(' Approvals', 'strong'),
    ...(queue === undefined
      ? []
      : [span(`  ${waiting} ${waiting === 1 ? 'waits' : 'wait'} for you`, waiting > 0 ? 'warn' : 'good')]),
    ...(more.length > 0 ? [span(` · ${more.join(' · ')}`, 'muted')] : []),
  ]
}

function standingOf(state: State): readonly Span[] {
  const { lost, agent, now, opened, list } = state
  if (lost) return [span(`no daemon for ${howLong(now - lost.since)} `, 'bad')]
  if (agent !== undefined) return [span(`${agent}: looks, and decides nothing `, 'warn')]
  if (opened) return [span(currentOf(state)?.state ?? '', 'accent'), span(' ')]
  const count = shownOf(state).length
  // Only where not all of them are seen.
  const place = count > listHeight(state) ? [span(`${list.selected + 1}/${count}  `, 'muted')] : []
  return [...place, span('live ', 'good')]
}

function noticeOf(state: State): readonly Span[] | undefined {
  const { ask, notice, lost, pending, filter } = state
  if (ask?.what === 'filter')
    return [
      span(' /', 'accent'),
      span(guard(filter)),
      span(' ', 'selected'),
      span('  enter keeps it  esc shows all', 'muted'),
    ]
  if (ask?.what === 'leave') {
    const count = pending.reduce((sum, { ids }) => sum + ids.length, 0)
    const what = count === 1 ? 'A decision has' : `${count} decisions have`
    return [
      span(` ${what} not taken effect.`, 'warn'),
      span(' enter', 'strong'),
      span(' now, and leave '),
      span(' u', 'strong'),
      span(' take back '),
      span(' esc', 'strong'),
      span(' stay'),
    ]
  }
  if (notice) return [span(` ${guard(notice.text)}`, notice.role)]
  if (ask)
    return [
      span(
        ask.what === 'help'
          ? ' any key goes on'
          : ' enter sends  ctrl-j new line  ctrl-u clears  esc leaves it undecided',
        'muted',
      ),
    ]
  if (lost) return [span(` ${guard(lost.why)}: it is tried again`, 'bad'), span('   agency daemon start', 'strong')]
  return undefined
}
