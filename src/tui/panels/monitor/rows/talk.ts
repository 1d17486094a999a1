/** What is said and what happens, the newest first. */
import { clockTime } from '../../../../cli/text.ts'
import { type Role, span } from '../../../text/spans.ts'
import { type Data, type EventRow, type FlowDocument, isOf, type MessageRow } from '../data.ts'
import { cell, type Row, rest, roleOf } from './row.ts'

export function messageRows(data: Data, scope: string | undefined): readonly Row[] {
  return data.messages
    .filter(({ from, to }) => scope === undefined || isOf(scope, from, to))
    .map(messageRow)
    .reverse()
}

function messageRow({ id, at, from, to, type, state, excerpt }: MessageRow): Row {
  return {
    key: id,
    text: `${from} ${to} ${type} ${state} ${excerpt}`,
    opens: { to: 'message', id },
    draw: columns => [
      span(' '),
      cell(clockTime(at), 8, 'muted'),
      ...(columns < 76
        ? [cell(`${short(from)} → ${short(to)}`, Math.floor(columns * 0.4))]
        : [cell(`${from} → ${near(to, from)}`, Math.min(44, Math.floor(columns * 0.38)))]),
      cell(type, 8, 'strong'),
      ...(columns < 64 ? [] : [cell(state, 9, roleOf(state))]),
      rest(excerpt),
    ],
  }
}

/** A colleague's name without the agency that both belong to. */
function near(to: string, from: string): string {
  return to.includes('/') && to.split('/')[0] === from.split('/')[0] ? short(to) : to
}

function short(address: string): string {
  return address.split('/').at(-1) ?? address
}

const EVENT_ROLES: Readonly<Record<string, Role>> = { task: 'good', decision: 'keyword', error: 'bad', lock: 'warn' }

export function eventRows(data: Data, scope: string | undefined): readonly Row[] {
  return data.events
    .filter(({ context, subject, who }) => scope === undefined || isOf(scope, context, subject, who))
    .map(eventRow)
    .reverse()
}

function eventRow({ seq, at, type, subject, who, what, why }: EventRow): Row {
  return {
    key: String(seq),
    text: `${who} ${what} ${why}`,
    ...(type === 'task' ? { opens: { to: 'task', id: subject } } : {}),
    ...(type === 'agent-state' ? { opens: { to: 'agent', address: subject } } : {}),
    draw: () => [
      span(' '),
      cell(clockTime(at), 8, 'muted'),
      ...(who === 'system' ? [] : [rest(`${who} `, 'strong')]),
      rest(what, EVENT_ROLES[type] ?? 'plain'),
      rest(why === '' ? '' : `  ${why}`, 'muted'),
    ],
  }
}

const BARS = [...'▁▂▃▄▅▆▇█']

/** The last minutes as bars, one for each bucket of the flow; blank where nothing passed, and none before the first that passed. */
export function sparkline({ counts }: FlowDocument, columns: number): string {
  const shown = counts.slice(-columns)
  const most = Math.max(1, ...shown)
  return shown
    .map(count => (count === 0 ? ' ' : BARS[Math.ceil((count / most) * BARS.length) - 1]))
    .join('')
    .trimStart()
}
