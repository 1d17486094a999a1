/** One change of one task on somebody's order: found, done, or refused in words. */
import { AgencyError } from '../kernel/errors.ts'
import { shortId } from '../kernel/ids.ts'
import { type Address, HUMAN } from '../model/names.ts'
import { oneLine } from '../model/sanitize.ts'
import { isEnded, isHeld, type Task, type TaskChange } from '../model/task.ts'
import type { TaskParts } from './parts.ts'

/** Tasks of one label that are looked through. */
const MOST_NAMED = 1000

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

  /** Of several that share a label, whoever works means the one that it has, or is to have; where others are all that is open, its last. */
  async findOwn(caller: Address, idOrLabel: string): Promise<Task> {
    const named = await this.#named(idOrLabel)
    const open = named.filter(({ state }) => !isEnded(state))
    const held = open.filter(({ claimant, state }) => claimant === caller && isHeld(state))
    const own = held.length > 0 ? held : open.filter(({ assignee }) => assignee === caller)
    const last = named.findLast(({ claimant }) => claimant === caller)
    if (own.length === 1) return own[0]!
    // The person may do what is anybody's.
    const isForOthers = caller !== HUMAN && own.length === 0 && open.every(({ assignee }) => assignee !== undefined)
    return isForOthers && last ? last : this.find(idOrLabel)
  }

  /** A label that a whole shares with its parts is meant for the whole, which tells of them. */
  async findWhole(idOrLabel: string): Promise<Task> {
    const open = (await this.#named(idOrLabel)).filter(({ state }) => !isEnded(state))
    const wholes = open.filter(({ parent }) => !open.some(({ id }) => id === parent))
    return wholes.length === 1 ? wholes[0]! : this.find(idOrLabel)
  }

  #named(label: string): Promise<readonly Task[]> {
    return this.parts.store.tasks({ label }, MOST_NAMED)
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
