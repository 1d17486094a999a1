/** Work: tasks and everything that moves them, and locks. */
import { leaseClock } from '../locks/leaseClock.ts'
import { Locks } from '../locks/locks.ts'
import { TaskBoard } from '../tasks/board.ts'
import { Chooser } from '../tasks/chooser.ts'
import { Tasks } from '../tasks/tasks.ts'
import { TaskWork } from '../tasks/work.ts'
import { clonedAt } from '../walls/places.ts'
import type { Ground } from './ground.ts'
import type { Voice } from './voice.ts'

export type Work = Awaited<ReturnType<typeof composeWork>>

export async function composeWork(ground: Ground, { ledger, publish }: Voice) {
  const { store } = ground
  const board = new TaskBoard(store)
  const parts = { ...ground, board, ledger, publish }
  const taskWork = new TaskWork(parts)
  return {
    board,
    taskWork,
    tasks: new Tasks(parts, taskWork.listener),
    chooser: new Chooser(parts),
    locks: new Locks({
      ...{ store, clock: leaseClock(await store.lockTime()), publish },
      cloneAt: path => clonedAt(ground.workspace, path),
    }),
  }
}
