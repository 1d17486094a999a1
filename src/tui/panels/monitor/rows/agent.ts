/** What is told of one agent above its screen. */
import type { AgentDocument } from '../../../../cli/documents.ts'
import { age, when } from '../../../../cli/text.ts'
import type { StyledRun } from '../../../../model/styledText.ts'
import { guard } from '../../../text/guard.ts'
import { type Span, span } from '../../../text/spans.ts'
import type { PaneDocument } from '../places.ts'
import { rest, roleOf } from './row.ts'

export function agentHead(agent: AgentDocument, queued: number, now: number): readonly (readonly Span[])[] {
  const { state, since, rule, evidence, driver, pid, holds, tasks, nextStartAt, limitedUntil } = agent
  const time = new Date(now)
  const next = nextStartAt ?? limitedUntil
  return [
    [
      label('state'),
      rest(state, roleOf(state)),
      rest(` for ${age(since, now)}`),
      rest(`  ${rule}${evidence ? `: ${evidence}` : ''}`, 'muted'),
      ...(next === undefined ? [] : [rest(`  until ${when(next, time)}`, 'warn')]),
    ],
    [
      label('program'),
      rest(`${driver}${pid === undefined ? '' : `, process ${pid}`}`),
      rest(queued > 0 ? `  ${queued} ${queued === 1 ? 'message waits' : 'messages wait'}` : '', 'name'),
    ],
    ...(tasks.length === 0 ? [] : [[label('tasks'), rest(tasks.join(' '), 'accent')]]),
    ...holds.map(({ kind, by, why, until }) => [
      label('held'),
      rest(`${kind} by ${by}${why ? `: ${why}` : ''}${until ? `, until ${when(until, time)}` : ''}`, 'warn'),
    ]),
  ]
}

function label(text: string): Span {
  return span(` ${text.padEnd(9)}`, 'muted')
}

/** The last lines of a screen that are not empty, so many as there is room for. */
export function paneLines({ lines }: PaneDocument, height: number): readonly (readonly Span[])[] {
  const end = lines.findLastIndex(runs => runs.length > 0) + 1
  return lines.slice(Math.max(0, end - height), end).map(runs => runs.map(runSpan))
}

/** In its own colors, which are those of a terminal and nothing else. */
function runSpan({ text, weight, color }: StyledRun): Span {
  return { text: guard(text), role: 'plain', look: { weight: sgr(weight), color: sgr(color) } }
}

function sgr(codes = ''): string {
  return /^[\d;]*$/.test(codes) ? codes : ''
}
