/** PORT, the part about tasks: each method is one transaction with its work units. */
import type { Id } from '../kernel/ids.ts'
import type { Address } from '../model/names.ts'
import type { Dependency, Task, TaskChange, TaskState } from '../model/task.ts'

/** What is stored of a new task; its dependencies may name others of the same call. */
export type NewTask = Pick<
  Task,
  | 'id'
  | 'title'
  | 'body'
  | 'agency'
  | 'assignee'
  | 'needs'
  | 'createdBy'
  | 'createdAt'
  | 'priority'
  | 'parent'
  | 'dependsOn'
  | 'deadline'
  | 'maxAttempts'
  | 'estimateMinutes'
> & {
  /** Undefined: the next free TASK-001, TASK-002, … */
  readonly label: string | undefined
  /** Already given to its assignee by this message: it is claimed with it. */
  readonly given?: { readonly message: Id; readonly leaseUntil: number } | undefined
}

/** One thing that happens to tasks; several are done in their order, all or none. */
export type TaskStep =
  | { readonly add: NewTask }
  | { readonly move: Id; readonly change: TaskChange }
  /** Gives it to another agent or agency: only while nobody has it. */
  | { readonly assign: Id; readonly to: Pick<Task, 'agency' | 'assignee'>; readonly at: number; readonly by: Address }
  /** Its back-off may be over. */
  | { readonly wake: Id; readonly at: number }
  | { readonly depend: Id; readonly on: Dependency; readonly at: number; readonly by: Address }

export interface TaskOutcome {
  /** The tasks of the steps, in their order; undefined where the table refused. */
  readonly tasks: readonly (Task | undefined)[]
  /** Every task whose state changed, those that were blocked or unblocked by it as well. */
  readonly changed: readonly Task[]
}

export interface Claim {
  readonly claimant: Address
  /** Where to look: agents, agencies, `*`. */
  readonly queues: readonly string[]
  /** Tasks that need others are passed over, but for those assigned to the claimant. */
  readonly capabilities: readonly string[]
  readonly at: number
  readonly leaseUntil: number
  readonly message?: Id | undefined
}

export interface TaskFilter {
  readonly agency?: string | undefined
  /** Assigned to, or held by. */
  readonly agent?: Address | undefined
  readonly states?: readonly TaskState[] | undefined
  readonly parent?: Id | undefined
  readonly label?: string | undefined
  /** Only those that are a part of another. */
  readonly isPart?: boolean | undefined
  /** Only those that have not come to their end. */
  readonly isOpen?: boolean | undefined
}

/** How an agent's tasks ended. */
export interface TrackRecord {
  readonly agent: Address
  readonly succeeded: number
  /** Failed or dead, with this agent as the last claimant. */
  readonly failed: number
  /** Succeeded without being sent back, and without being red when it was merged. */
  readonly firstPass: number
  /** Held just now. */
  readonly open: number
  /** Assigned and waiting. */
  readonly waiting: number
}

export interface TaskStore {
  /**
   * AgencyError('CONFLICT') when dependencies would go round, naming the way round; ('NOT_FOUND') for a task that is not
   * there. With `heard`, the place in the log that led to the steps is kept in the same transaction: nothing is heard twice.
   */
  changeTasks(steps: readonly TaskStep[], heard?: { readonly by: string; readonly seq: number }): Promise<TaskOutcome>
  /** The task that has waited longest, priority counted, among those that this claimant can do. */
  claimTask(claim: Claim): Promise<Task | undefined>
  /** Keeps a claim alive; false when it is no longer that one. */
  extendTask(task: Id, epoch: number, leaseUntil: number): Promise<boolean>
  /** By id, short id, or label. AgencyError('CONFLICT') when it fits several. */
  findTask(idOrLabel: string): Promise<Task | undefined>
  /** Newest last. */
  tasks(filter: TaskFilter, limit: number): Promise<readonly Task[]>
  /** Tasks whose due time has come, oldest first. */
  dueTasks(now: number, limit: number): Promise<readonly Task[]>
  /** When `dueTasks` will have something next; undefined when nothing is due ever. */
  nextTaskDue(): Promise<number | undefined>
  /** Queues in which something is ready. */
  readyQueues(): Promise<readonly string[]>
  trackRecords(since: number): Promise<readonly TrackRecord[]>
}
