/** How tasks look in a terminal. */
import { oneLine, sanitise } from '../../model/sanitize.ts'
import type { TaskDocument, TaskStoryDocument } from '../documents.ts'
import { runLines } from '../runLines.ts'
import { age, clockTime, columns, cut, paint, state } from '../text.ts'

export function showList(tasks: readonly TaskDocument[]): string {
  return rows(
    tasks.map(task => [
      paint('bold', task.label),
      paint('gray', task.id.slice(-8)),
      state(task.state),
      age(task.since),
      who(task),
      `${oneLine(task.title, 70)}${note(task)}`,
    ]),
  )
}

/** Each on one row of the terminal. */
function rows(cells: readonly (readonly string[])[]): string {
  return columns(cells)
    .split('\n')
    .map(line => cut(line))
    .join('\n')
}

/** One line after a change. */
export function showMoved(task: TaskDocument): string {
  return `${paint('bold', task.label)}  ${paint('gray', task.id.slice(-8))}  ${state(task.state)}  ${who(task)}${note(task)}`
}

export function who({ state: now, claimant, assignee, agency, needs }: TaskDocument): string {
  const isHeld = claimant !== undefined && !['ready', 'blocked'].includes(now)
  if (isHeld) return claimant
  return assignee ?? `${agency ?? 'anybody'}${needs.length > 0 ? ` (${needs.join(', ')})` : ''}`
}

function note({ reason, isUnapproved, notBefore, state: now }: TaskDocument): string {
  const words = [
    ...(isUnapproved && now === 'succeeded' ? ['not approved'] : []),
    ...(notBefore ? [`not before ${clockTime(notBefore)}`] : []),
    ...(reason && now !== 'ready' && now !== 'claimed' && now !== 'running' ? [oneLine(reason, 80)] : []),
  ]
  return words.length > 0 ? paint('gray', `  ${words.join('; ')}`) : ''
}

export function showStory({ task, parts, events }: TaskStoryDocument): string {
  const facts: string[][] = [
    ['state', `${state(task.state)} for ${age(task.since)}${task.reason ? `: ${oneLine(task.reason, 300)}` : ''}`],
    ['who', `${who({ ...task, dependsOn: [] })}, given by ${task.createdBy}`],
  ]
  if (task.needs.length > 0) facts.push(['needs', task.needs.join(', ')])
  if (task.deadline) facts.push(['deadline', `${task.deadline.slice(0, 16).replace('T', ' ')} UTC`])
  facts.push([
    'tries',
    `iteration ${task.iteration}, claim ${task.epoch}, judged bad ${task.attempts} of ${task.maxAttempts}, interrupted ${task.interruptions}`,
  ])
  for (const on of task.dependsOn)
    facts.push([
      'after',
      `${on.label} ${oneLine(on.title, 50)}  ${state(on.state)}${on.on === 'success' ? '' : `  (${on.on})`}`,
    ])
  for (const part of parts)
    facts.push(['part', `${part.label} ${oneLine(part.title, 50)}  ${state(part.state)}  ${who(part)}`])
  if (task.result)
    facts.push([
      'result',
      `${oneLine(task.result.summary, 300)}${task.result.commits.length > 0 ? `  (${task.result.commits.join(', ')})` : ''}`,
    ])
  if (task.evidence) facts.push(['evidence', evidence(task.evidence)])
  for (const check of task.evidence?.checks ?? []) facts.push(['check', runLines(check).join('\n')])
  const story = events.map(event => [
    `  ${paint('gray', clockTime(event.at))}`,
    event.event,
    state(event.state),
    event.by,
    oneLine(event.reason ?? '', 120),
  ])
  const body = sanitise(task.body).text.trim()
  return [
    `${paint('bold', task.label)}  ${oneLine(task.title, 200)}  ${paint('gray', task.id)}`,
    columns(facts.map(([key, value]) => [`  ${paint('gray', key!)}`, value!])),
    ...(body
      ? [
          body
            .split('\n')
            .map(line => `  ${line}`)
            .join('\n'),
        ]
      : []),
    paint('yellow', 'What happened'),
    rows(story),
  ].join('\n')
}

function evidence({ commit, ahead, files, problems }: NonNullable<TaskDocument['evidence']>): string {
  if (problems.length > 0) return paint('red', oneLine(problems.join('; '), 1000))
  if (!commit || ahead === 0) return 'no change in the repository'
  return `commit ${commit.slice(0, 12)}, ${ahead} commit${ahead === 1 ? '' : 's'}, ${files.length} file${files.length === 1 ? '' : 's'}`
}
