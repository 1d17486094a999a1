/** The page of what happened: to the submission, and to the task that it is the work of. */
import { dayAndTime } from '../../../../cli/text.ts'
import { guard } from '../../../text/guard.ts'
import { span } from '../../../text/spans.ts'
import type { Story, Submission, TaskStory } from '../documents.ts'
import type { Loaded } from '../state.ts'
import { fact, heading, prose, type Row, raw } from './rows.ts'

export function storyPage(
  submission: Submission,
  story: Loaded<Story>,
  task: Loaded<TaskStory>,
  columns: number,
): readonly Row[] {
  return [...taskRows(submission, task, columns), ...heading('This submission'), ...submissionRows(story)]
}

function taskRows({ task: id }: Submission, task: Loaded<TaskStory>, columns: number): readonly Row[] {
  if (id === undefined) return [[], raw('it belongs to no task', 'muted')]
  if (task === undefined) return [[], raw('the task is read …', 'muted')]
  if ('failed' in task) return [[], raw(task.failed, 'bad')]
  const { task: of, events } = task.value
  return [
    ...heading(`${of.label} ${guard(of.title)}`, `iteration ${of.iteration}`),
    ...fact('state', `${of.state}${of.reason ? `: ${of.reason}` : ''}`, columns),
    ...fact('who', `${of.claimant ?? of.assignee ?? of.agency ?? 'anybody'}, given by ${of.createdBy}`, columns),
    ...(of.body.trim() === '' ? [] : [[], ...prose(of.body, columns)]),
    [],
    ...eventRows(events),
  ]
}

function submissionRows(story: Loaded<Story>): readonly Row[] {
  if (story === undefined) return [raw('is read …', 'muted')]
  if ('failed' in story) return [raw(story.failed, 'bad')]
  return eventRows(story.value.events)
}

function eventRows(
  events: readonly { at: string; by: string; event: string; state: string; reason?: string }[],
): Row[] {
  return events.map(({ at, by, event, state, reason }) => [
    span(` ${dayAndTime(at).padEnd(12)}`, 'muted'),
    span(event.padEnd(16)),
    span(` → ${state.padEnd(18)}`, 'accent'),
    span(guard(by)),
    span(reason ? `  ${guard(reason)}` : '', 'muted'),
  ])
}
