/** A message as whoever hears of tasks reads it in the log. */
import type { Id } from '../kernel/ids.ts'
import { type Address, SYSTEM } from '../model/names.ts'
import type { Task } from '../model/task.ts'
import { taskMeant } from '../model/taskTalk.ts'
import type { Unit } from '../model/unit.ts'
import type { Store } from '../storage/store.ts'

export interface Said {
  readonly seq: number
  readonly id: Id
  readonly from: Address
  /** What this module says itself, in whosever name, is nothing to hear. */
  readonly isOurs: boolean
  readonly to: Address
  readonly type: string
  readonly label: string | undefined
  readonly replyTo: Id | undefined
  readonly body: string
  readonly at: number
}

export function toSaid({ seq, id, agent, metadata, payload, relations, at }: Unit): Said {
  const { to, messageType, label } = metadata
  return {
    seq,
    id,
    from: agent,
    isOurs: agent === SYSTEM || metadata.spokenBy === SYSTEM,
    to: String(to),
    type: String(messageType),
    label: typeof label === 'string' ? label : undefined,
    replyTo: relations.find(({ type }) => type === 'REPLIES_TO')?.target,
    body: payload ?? '',
    at,
  }
}

/**
 * The task of these that is spoken of. Words without a label that answer the giving of another task are about that one,
 * even when their author has only this one by now.
 */
export async function taskSpokenOf(
  store: Pick<Store, 'find' | 'units'>,
  { label, replyTo }: Pick<Said, 'label' | 'replyTo'>,
  held: readonly Task[],
): Promise<Task | undefined> {
  const task = taskMeant({ label, replyTo }, held)
  if (!task || label !== undefined || replyTo === undefined || task.message === replyTo) return task
  const answered = (await store.find(replyTo))?.message
  if (answered?.type !== 'TASK' && answered?.type !== 'handoff') return task
  if (answered.label !== undefined) return taskMeant({ label: answered.label, replyTo: undefined }, held)
  const history = await store.units({ subject: task.id }, 1000)
  return history.some(({ metadata }) => metadata.message === replyTo) ? task : undefined
}
