/** A message's whole life, and a task's, line by line. */
import type { MessageDocument, TaskStoryDocument, TraceDocument } from '../../../../cli/documents.ts'
import { clockTime } from '../../../../cli/text.ts'
import { parseJson } from '../../../../kernel/json.ts'
import { wrap } from '../../../../model/width.ts'
import { guardLines } from '../../../text/guard.ts'
import { type Span, span } from '../../../text/spans.ts'
import type { StoryPlace } from '../places.ts'
import { cell, rest, roleOf } from './row.ts'

type Lines = readonly (readonly Span[])[]

const MOST_LINES = 2_000

/** `undefined` while it is being fetched. */
export function storyLines({ message, task }: StoryPlace, columns: number): Lines | undefined {
  if (message) return messageLines(message, columns)
  return task && taskLines(task, columns)
}

function messageLines({ message, deliveries, replies }: TraceDocument, columns: number): Lines {
  const spoken = message.spokenBy ? ` spoken by ${message.spokenBy}` : ''
  const began = new Date(message.at).getTime()
  return [
    [cell(`${message.from} → ${message.to}`, 50, 'strong'), rest(message.type, 'accent'), rest(spoken, 'muted')],
    [rest(`${message.id}  ${clockTime(message.at)}`, 'muted')],
    ...(message.replyTo ? [[rest(`answers ${message.replyTo.slice(-8)}`, 'muted')]] : []),
    [],
    ...words(readable(message.body), columns),
    ...deliveries.flatMap(({ to, state, kind, door, attempts, events }) => [
      [],
      [
        rest(`to ${to} `, 'strong'),
        rest(state, roleOf(state)),
        rest(
          `${kind === 'copy' ? '  copy' : ''}${door ? `  by ${door}` : ''}${attempts > 1 ? `  ${attempts} attempts` : ''}`,
          'muted',
        ),
      ],
      ...events.map(({ at, state: now, evidence, reason }) => [
        cell(offset(new Date(at).getTime() - began).padStart(10), 10, 'muted'),
        cell(now, 9, roleOf(now)),
        rest([evidence, reason ? `because ${reason}` : ''].filter(Boolean).join('; ')),
      ]),
    ]),
    ...replies.flatMap(reply => answer(reply, columns)),
  ]
}

function answer({ from, id, body, at }: MessageDocument, columns: number): Lines {
  const head = [rest(`answered by ${from} `, 'strong'), rest(`${clockTime(at)}  ${id.slice(-8)}`, 'muted')]
  return [[], head, ...words(body, columns)]
}

function taskLines({ task, parts, events }: TaskStoryDocument, columns: number): Lines {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['whose', task.claimant ?? task.assignee ?? task.agency],
    ['given by', task.createdBy],
    ['because', task.reason],
    ['needs', task.needs.join(', ')],
    ['after', task.dependsOn.map(({ label, state }) => `${label} (${state})`).join(', ')],
    ['parts', parts.map(({ label, state }) => `${label} (${state})`).join(', ')],
    ['result', task.result?.summary],
    ['commit', task.evidence?.commit],
    ['attempts', task.attempts > 0 ? `${task.attempts} of ${task.maxAttempts}` : ''],
  ]
  return [
    [cell(task.label, 10, 'strong'), rest(`${task.state} `, roleOf(task.state)), rest(task.title, 'strong')],
    [rest(`${task.id}  ${task.priority}  iteration ${task.iteration}`, 'muted')],
    ...facts.flatMap(([name, value]) => (value ? [[cell(name, 9, 'muted'), rest(value)]] : [])),
    ...(task.body ? [[], ...words(task.body, columns)] : []),
    [],
    ...events.map(({ at, by, event, state, reason }) => [
      cell(clockTime(at), 8, 'muted'),
      cell(by, 26),
      cell(event, 12),
      cell(state, 17, roleOf(state)),
      rest(reason ?? '', 'muted'),
    ]),
  ]
}

/** A payload stands in one line; a person reads it better in several. */
function readable(body: string): string {
  const parsed = body.startsWith('{') && body.length < 20_000 ? parseJson(body) : undefined
  return parsed?.ok ? JSON.stringify(parsed.value, undefined, 2) : body
}

/** As it was said, in rows that fit. */
function words(text: string, columns: number): Lines {
  const lines = guardLines(text.slice(0, 400_000)).slice(0, MOST_LINES)
  return lines.flatMap(line => wrap(line, Math.max(10, columns - 3))).map(line => [span('  '), span(line)])
}

function offset(ms: number): string {
  return ms < 10_000 ? `+${Math.max(0, ms)} ms` : `+${(ms / 1000).toFixed(1)} s`
}
