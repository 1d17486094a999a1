/** Tasks as people and agents see and steer them; giving and doing have files of their own. */
import { AgencyError } from '../kernel/errors.ts'
import { type Address, HUMAN } from '../model/names.ts'
import { type Dependency, isEnded, type Task } from '../model/task.ts'
import type { Unit } from '../model/unit.ts'
import type { TaskFilter } from '../storage/taskStore.ts'
import { Giving } from './giving.ts'
import type { Listener } from './listener.ts'
import { TaskMoves } from './moves.ts'
import type { TaskParts } from './parts.ts'
import { takeBack } from './recall.ts'
import { mayManage } from './rights.ts'
import { cancelParts } from './wholes.ts'
import { Working } from './working.ts'

export interface TaskStory {
  readonly task: Task
  readonly dependsOn: readonly (Dependency & {
    readonly label: string
    readonly title: string
    readonly state: Task['state']
  })[]
  readonly parts: readonly Task[]
  readonly events: readonly Unit[]
}

export class Tasks {
  readonly give: Giving
  readonly work: Working
  readonly #parts: TaskParts
  readonly #moves: TaskMoves

  constructor(parts: TaskParts, listener: Listener) {
    this.#parts = parts
    this.#moves = new TaskMoves(parts)
    this.give = new Giving(parts, this.#moves)
    this.work = new Working(parts, this.#moves, listener)
  }

  find(idOrLabel: string): Promise<Task> {
    return this.#moves.find(idOrLabel)
  }

  list(filter: TaskFilter, limit: number): Promise<readonly Task[]> {
    const { roster } = this.#parts
    if (filter.agency !== undefined) roster.agency(filter.agency)
    const agent = filter.agent === undefined || filter.agent === HUMAN ? filter.agent : roster.resolve(filter.agent)
    return this.#parts.store.tasks({ ...filter, agent }, limit)
  }

  /** A task with what it depends on, its parts, and everything that happened to it. */
  async story(idOrLabel: string): Promise<TaskStory> {
    const { store } = this.#parts
    const task = await this.#moves.findWhole(idOrLabel)
    const [dependencies, parts, events] = await Promise.all([
      Promise.all(task.dependsOn.map(async edge => ({ edge, on: (await store.findTask(edge.task))! }))),
      store.tasks({ parent: task.id }, 1000),
      store.units({ subject: task.id }, 5000),
    ])
    return {
      task,
      dependsOn: dependencies.map(({ edge, on: { label, title, state } }) => ({ ...edge, label, title, state })),
      parts,
      events,
    }
  }

  /** With everything that is a part of it. */
  async cancel(caller: Address, idOrLabel: string, why: string | undefined): Promise<readonly Task[]> {
    const task = await this.find(idOrLabel)
    mayManage(this.#parts.roster, caller, task, 'cancel')
    this.#moves.refuseEnded(task)
    await takeBack(this.#parts, task, `is cancelled${why ? `: ${why}` : ''}`)
    const cancelled = await this.#moves.move(caller, task, { event: 'cancel', reason: why }, 'cancel')
    return [cancelled, ...(await cancelParts(this.#parts, cancelled))]
  }

  /** Opens one again that has ended, as its next iteration; or wakes one that waits for its back-off. */
  async retry(caller: Address, idOrLabel: string): Promise<Task> {
    const task = await this.find(idOrLabel)
    mayManage(this.#parts.roster, caller, task, 'retry')
    const at = this.#parts.clock.now()
    if (task.state === 'blocked' && task.notBefore !== undefined)
      return this.#moves.move(caller, task, { event: 'unblock' }, 'retry')
    if (!isEnded(task.state)) throw this.#moves.cannot('retry', task)
    if (task.deadline !== undefined && task.deadline <= at)
      throw new AgencyError('CONFLICT', `the deadline of ${task.label} has passed`, {
        hint: 'agency task add "…"   makes a new one',
      })
    await this.#moves.move(caller, task, { event: 'reopen' }, 'retry')
    return this.find(task.id)
  }
}
