/** One change of one task on somebody's order: found, done, or refused in words. */
import { AgencyError } from '../kernel/errors.ts'
import { shortId } from '../kernel/ids.ts'
import type { Address } from '../model/names.ts'
import { oneLine } from '../model/sanitize.ts'
import { isEnded, isHeld, type Task, type TaskChange } from '../model/task.ts'
import type { TaskParts } from './parts.ts'

export class TaskMoves {
  constructor(private readonly parts: TaskParts) {}

  /** By id, short id or label. */
  async find(idOrLabel: string): Promise<Task> {
    const task = await this.parts.store.findTask(idOrLabel)
    if (task) return task
    throw new AgencyError('NOT_FOUND', `there is no task ${JSON.stringify(idOrLabel.slice(0, 60))}`, {
      hint: 'agency task list',
    })
  }

  async move(by: Address, task: Task, change: Omit<TaskChange, 'at' | 'by'>, what: string): Promise<Task> {
    const moved = await this.parts.board.move(task.id, { ...change, at: this.parts.clock.now(), by })
    if (moved) return moved
    throw this.cannot(what, await this.find(task.id))
  }

  cannot(what: string, task: Task): AgencyError {
    const who = isHeld(task.state) && task.claimant ? ` by ${task.claimant}` : ''
    return new AgencyError(
      'CONFLICT',
      `cannot ${what} ${task.label}: it is ${task.state}${who}${task.reason ? ` (${oneLine(task.reason, 200)})` : ''}`,
      {
        hint: `agency task show ${shortId(task.id)}`,
      },
    )
  }

  refuseEnded(task: Task): void {
    if (!isEnded(task.state)) return
    throw new AgencyError('CONFLICT', `${task.label} has ended: ${task.state}`, {
      hint: `agency task retry ${shortId(task.id)}`,
    })
  }

  /** Until when a claim holds that is made or kept alive now. */
  lease(now: number): number {
    return now + this.parts.settings.tasks.lease * 1000
  }
}
