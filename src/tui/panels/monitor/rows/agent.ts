/** What is told of one agent above its screen. */
import type { AgentDocument } from '../../../../cli/documents.ts'
import { age, when } from '../../../../cli/text.ts'
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
      rest(queued > 0 ? `  ${queued} messages wait` : '', 'name'),
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
export function paneLines({ lines }: PaneDocument, height: number): readonly string[] {
  const end = lines.findLastIndex(line => line !== '') + 1
  return lines.slice(Math.max(0, end - height), end)
}
