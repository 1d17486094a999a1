/** The one way in which tasks change, so that everybody who waits for a change hears of it. */
import type { Id } from '../kernel/ids.ts'
import type { Address } from '../model/names.ts'
import { isHeld, TASK_STATES, type Task, type TaskChange, type TaskState } from '../model/task.ts'
import type { Store } from '../storage/store.ts'
import type { Claim, TaskOutcome, TaskStep } from '../storage/taskStore.ts'

type Listener = (task: Task) => void

export class TaskBoard {
  readonly #listeners = new Set<Listener>()
  /** Those that somebody has, as many as there are agents at work, and those that the person is to approve; however many wait. */
  readonly #known = new Map<Id, Task>()

  constructor(readonly store: Store) {}

  /** Knows again who had what. */
  async load(): Promise<void> {
    const known = await this.store.tasks({ states: TASK_STATES.filter(isKnown) }, 100_000)
    for (const task of known) this.#known.set(task.id, task)
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  held(): readonly Task[] {
    return [...this.#known.values()].filter(({ state }) => isHeld(state))
  }

  awaitingApproval(): readonly Task[] {
    return [...this.#known.values()].filter(({ state }) => state === 'awaiting-approval')
  }

  heldBy(claimant: Address): readonly Task[] {
    return this.held().filter(task => task.claimant === claimant)
  }

  async change(steps: readonly TaskStep[], heard?: { by: string; seq: number }): Promise<TaskOutcome> {
    const outcome = await this.store.changeTasks(steps, heard)
    for (const task of outcome.changed) this.#tell(task)
    return outcome
  }

  /** Undefined when the table refuses the step, or the claim it comes from is no longer the present one. */
  async move(task: Id, change: TaskChange): Promise<Task | undefined> {
    return (await this.change([{ move: task, change }])).tasks[0]
  }

  async claim(claim: Claim): Promise<Task | undefined> {
    const task = await this.store.claimTask(claim)
    if (task) this.#tell(task)
    return task
  }

  #tell(task: Task): void {
    if (isKnown(task.state)) this.#known.set(task.id, task)
    else this.#known.delete(task.id)
    for (const listener of this.#listeners) listener(task)
  }
}

function isKnown(state: TaskState): boolean {
  return isHeld(state) || state === 'awaiting-approval'
}
