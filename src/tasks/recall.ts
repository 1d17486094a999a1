/** Calls back what is on its way about a task and is no longer true; what has left already stays, and is said again in words. */
import type { Id } from '../kernel/ids.ts'
import type { Task } from '../model/task.ts'
import { isHeld } from '../model/task.ts'
import { tellToStop } from './notices.ts'
import type { TaskParts } from './parts.ts'
import { taskSpokenOf, toSaid } from './said.ts'

type Parts = Pick<TaskParts, 'store' | 'ledger' | 'clock' | 'board'>

const MOST_SAID = 1000

/**
 * The task is taken from whoever has it. Before that is written down: a crash in between looks like an interruption, and is
 * mended as one.
 */
export async function takeBack(
  parts: Parts & Pick<TaskParts, 'roster' | 'publish'>,
  task: Task,
  text: string,
): Promise<void> {
  if (!isHeld(task.state)) return
  const hasLeft = !(await callBackGiving(parts, task, text))
  if (task.state === 'verifying') await callBackReports(parts, task, text)
  // Whoever never heard of it has nothing to stop.
  if (hasLeft) await tellToStop(parts, task, text)
}

/** Whether the message that gives the task was called back before anything of it had left. */
export async function callBackGiving(parts: Parts, task: Task, reason: string): Promise<boolean> {
  const found = task.message === undefined ? undefined : await parts.store.find(task.message)
  const given = found?.deliveries.filter(({ to, kind }) => to === task.claimant && kind === 'direct') ?? []
  const called = await callBack(parts, given, reason)
  return given.length > 0 && called === given.length
}

/** Every message by which its claimant says that it is done: one may have been sent to several, or twice. */
export async function callBackReports(parts: Parts, task: Task, reason: string): Promise<void> {
  for (const message of await reports(parts, task))
    await callBack(parts, (await parts.store.find(message))?.deliveries ?? [], reason)
}

async function reports({ store, board }: Parts, task: Task): Promise<readonly Id[]> {
  const { completion, claimant, claimedSeq } = task
  const found = new Set(completion === undefined ? [] : [completion])
  if (claimant === undefined) return [...found]
  const units = await store.units({ after: claimedSeq, about: claimant, type: 'message' }, MOST_SAID)
  for (const said of units.map(toSaid)) {
    if (said.from !== claimant || !isReport(said.type)) continue
    const held = board.heldBy(claimant).filter(other => other.claimedSeq < said.seq)
    if ((await taskSpokenOf(store, said, held))?.id === task.id) found.add(said.id)
  }
  return [...found]
}

export function isReport(type: string): boolean {
  return type === 'COMPLETE' || type === 'results'
}

/** How many were called back: the table refuses what may have left. */
async function callBack({ ledger, clock }: Parts, ways: readonly { readonly id: Id }[], reason: string) {
  const moved = await Promise.all(ways.map(({ id }) => ledger.move(id, { event: 'cancel', at: clock.now(), reason })))
  return moved.filter(Boolean).length
}
