/** A whole that is cancelled or given up takes its parts with it: nobody is left who would sum them up. */
import type { Id } from '../kernel/ids.ts'
import { SYSTEM } from '../model/names.ts'
import type { Task } from '../model/task.ts'
import type { TaskParts } from './parts.ts'
import { takeBack } from './recall.ts'

const MOST_PARTS = 1000

/** Cancels what is open of it, and the parts of that. One that has failed keeps its parts: they count when it is tried again. */
export async function cancelParts(parts: TaskParts, whole: Task): Promise<readonly Task[]> {
  const { store, board, clock } = parts
  const reason = `${whole.label} is ${whole.state === 'dead' ? 'given up' : 'cancelled'}`
  const cancelled: Task[] = []
  for (const part of await store.tasks({ parent: whole.id, isOpen: true }, MOST_PARTS)) {
    await takeBack(parts, part, `is cancelled: ${reason}`)
    const moved = await board.move(part.id, { event: 'cancel', at: clock.now(), by: SYSTEM, reason })
    if (moved) cancelled.push(moved, ...(await cancelParts(parts, moved)))
  }
  return cancelled
}

export function takesPartsAlong({ state }: Task): boolean {
  return state === 'cancelled' || state === 'dead'
}

/** Wholes that have ended so while no daemon was there to end their parts. */
export async function endedWholes({ store }: Pick<TaskParts, 'store'>): Promise<readonly Id[]> {
  const open = await store.tasks({ isPart: true, isOpen: true }, 10_000)
  const wholes = await Promise.all([...new Set(open.map(({ parent }) => parent!))].map(id => store.findTask(id)))
  return wholes.filter(whole => whole !== undefined && takesPartsAlong(whole)).map(whole => whole!.id)
}
