/** Changes of tasks: the model decides, the record is stored, one work unit tells, and whoever waited is let go. */
import { AgencyError } from '../../kernel/errors.ts'
import { type Id, newId } from '../../kernel/ids.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { agencyOf, SYSTEM } from '../../model/names.ts'
import {
  advanceTask,
  isEnded,
  judgeDependencies,
  type Task,
  type TaskChange,
  type TaskEvent,
} from '../../model/task.ts'
import { type Unit, type UnitDraft, WORKSPACE_CONTEXT } from '../../model/unit.ts'
import type { Claim, NewTask, TaskOutcome, TaskStep } from '../taskStore.ts'
import type { Connection } from './connection.ts'
import { getMark, setMark } from './marks.ts'
import { nextClaimable } from './taskClaims.ts'
import { addDependency, checkPart, dependenciesOf, dependentsOf } from './taskDependencies.ts'
import { insertTask, nextLabel, taskById, taskBySeq, updateTask } from './tasks.ts'
import { appendUnit } from './units.ts'

export function changeTasks(
  connection: Connection,
  steps: readonly TaskStep[],
  heard?: { readonly by: string; readonly seq: number },
): TaskOutcome {
  if (heard) {
    if (Number(getMark(connection, heard.by) ?? 0) >= heard.seq)
      return { tasks: steps.map(() => undefined), changed: [] }
    setMark(connection, heard.by, String(heard.seq))
  }
  const changes = new Changes(connection)
  const tasks = steps.map(step => changes.apply(step))
  // Dependencies of one call may name tasks that are added after them.
  for (const [index, step] of steps.entries()) if ('add' in step) changes.link(tasks[index]!, step.add)
  return { tasks: tasks.map(task => task && taskBySeq(connection, task.seq)), changed: changes.changed() }
}

export function claimTask(connection: Connection, claim: Claim): Task | undefined {
  const task = nextClaimable(connection, claim)
  if (!task) return undefined
  const { claimant, at, leaseUntil, message } = claim
  return new Changes(connection).move(task.id, { event: 'claim', at, by: claimant, claimant, leaseUntil, message })
}

/** A heartbeat is no change of state, so no work unit. */
export function extendTask(connection: Connection, id: Id, epoch: number, leaseUntil: number): boolean {
  const task = taskById(connection, id)
  if (!task || task.epoch !== epoch || task.leaseUntil === undefined) return false
  updateTask(connection, { ...task, leaseUntil })
  return true
}

class Changes {
  readonly #changed = new Set<number>()

  constructor(private readonly connection: Connection) {}

  changed(): Task[] {
    return [...this.#changed].map(seq => taskBySeq(this.connection, seq)!)
  }

  apply(step: TaskStep): Task | undefined {
    if ('add' in step) return this.#add(step.add)
    if ('move' in step) return this.move(step.move, step.change)
    if ('assign' in step) return this.#assign(step)
    if ('wake' in step) {
      this.#wake(this.#mustFind(step.wake), step.at)
      return this.#mustFind(step.wake)
    }
    const task = this.#mustFind(step.depend)
    const on = this.#mustFind(step.on.task)
    addDependency(this.connection, task.seq, on.seq, step.on.on)
    const others = task.dependsOn.filter(({ task: other }) => other !== on.id)
    const linked = { ...task, dependsOn: [...others, step.on] }
    updateTask(this.connection, linked)
    this.#tell(linked, { event: 'depend', at: step.at, by: step.by, reason: `waits for ${on.label}` }, task.state)
    this.#settle(linked, step.at)
    return linked
  }

  move(id: Id, change: TaskChange): Task | undefined {
    const task = this.#mustFind(id)
    const next = advanceTask(task, change)
    if (next === 'refuse') return undefined
    const { seq } = this.#tell(next, change, task.state)
    const stored = change.event === 'claim' ? { ...next, claimedSeq: seq } : next
    updateTask(this.connection, stored)
    this.#settle(stored, change.at)
    if (isEnded(next.state) || isEnded(task.state))
      for (const seq of dependentsOf(this.connection, task.seq))
        this.#settle(taskBySeq(this.connection, seq)!, change.at)
    return stored
  }

  #add(draft: NewTask): Task {
    const { label, given, ...rest } = draft
    const unstored: Task = {
      ...rest,
      ...FRESH,
      label: label ?? nextLabel(this.connection),
      since: draft.createdAt,
      rank: 0,
    }
    const at = draft.createdAt
    const unit = appendUnit(this.connection, unitOf(unstored, { event: 'add', at, by: draft.createdBy }, undefined))
    const task = { ...unstored, seq: unit.seq }
    insertTask(this.connection, task)
    this.#changed.add(task.seq)
    return task
  }

  /** The second half of adding: what it depends on, and whether it may go already. */
  link(task: Task, { dependsOn, given, createdAt: at, createdBy, assignee, parent }: NewTask): void {
    if (parent !== undefined) checkPart(this.connection, this.#mustFind(parent).seq, task.seq)
    for (const { task: id, on } of dependsOn) addDependency(this.connection, task.seq, this.#mustFind(id).seq, on)
    this.#settle(taskBySeq(this.connection, task.seq)!, at)
    if (given)
      this.move(task.id, { event: 'claim', at, by: createdBy, claimant: assignee, cause: given.message, ...given })
  }

  #assign({ assign, to, at, by }: Extract<TaskStep, { assign: Id }>): Task | undefined {
    const task = this.#mustFind(assign)
    if (task.state !== 'blocked' && task.state !== 'ready') return undefined
    const next = { ...task, ...to }
    updateTask(this.connection, next)
    this.#tell(next, { event: 'assign', at, by, reason: `to ${to.assignee ?? to.agency ?? 'anybody'}` }, task.state)
    return next
  }

  /** A back-off that is over leaves nothing due, also where the task still waits for another. */
  #wake(task: Task, at: number): void {
    const isOver = task.notBefore !== undefined && task.notBefore <= at
    const awake = isOver ? { ...task, notBefore: undefined } : task
    if (isOver) updateTask(this.connection, awake)
    this.#settle(awake, at)
  }

  /** Lets a task go that waits for nothing any more, and holds one back again that does. */
  #settle(task: Task, at: number): void {
    if (task.state !== 'blocked' && task.state !== 'ready') return
    const dependencies = dependenciesOf(this.connection, task.seq)
    const verdict = judgeDependencies(dependencies)
    if (task.state === 'ready') {
      if (verdict !== 'met')
        this.move(task.id, { event: 'block', at, by: SYSTEM, reason: 'what it needs was opened again' })
      return
    }
    if (verdict === 'met') {
      if (task.notBefore === undefined || task.notBefore <= at)
        this.move(task.id, { event: 'unblock', at, by: SYSTEM, reason: task.reason })
      return
    }
    const reason =
      verdict === 'never'
        ? `what it needs did not succeed: ${dependencies
            .filter(({ state }) => isEnded(state) && state !== 'succeeded')
            .map(({ label, state }) => `${label} ${state}`)
            .join(', ')}`
        : undefined
    if (reason === task.reason || reason === undefined) return
    const told = { ...task, reason }
    updateTask(this.connection, told)
    this.#tell(told, { event: 'block', at, by: SYSTEM, reason }, task.state)
  }

  #tell(task: Task, happened: Happened, from: string): Unit {
    this.#changed.add(task.seq)
    return appendUnit(this.connection, unitOf(task, happened, from))
  }

  #mustFind(id: Id): Task {
    const task = taskById(this.connection, id)
    if (task) return task
    throw new AgencyError('NOT_FOUND', `there is no task ${id}`, { hint: 'agency task list' })
  }
}

const FRESH = {
  seq: 0,
  state: 'blocked',
  reason: undefined,
  claimant: undefined,
  epoch: 0,
  claimedSeq: 0,
  leaseUntil: undefined,
  notBefore: undefined,
  message: undefined,
  completion: undefined,
  attempts: 0,
  interruptions: 0,
  iteration: 1,
  result: undefined,
  evidence: undefined,
  isUnapproved: false,
} as const

type Happened = Omit<TaskChange, 'event'> & { readonly event: TaskEvent | 'add' | 'assign' | 'depend' }

function unitOf(task: Task, happened: Happened, from: string | undefined): UnitDraft {
  const { event, at, by, reason, cause, submission, evidence } = happened
  const { id, label, title, state, agency, claimant, attempts, interruptions, iteration } = task
  const metadata: JsonObject = { event, state, label, title: title.slice(0, 120), iteration, attempts, interruptions }
  if (from !== undefined && from !== state) metadata['from'] = from
  if (claimant !== undefined) metadata['claimant'] = claimant
  if (reason !== undefined) metadata['reason'] = reason
  if (cause !== undefined) metadata['message'] = cause
  if (submission !== undefined) metadata['submission'] = submission
  return {
    id: newId(),
    context: agency ?? agencyOf(claimant ?? '') ?? WORKSPACE_CONTEXT,
    agent: by,
    type: 'task',
    at,
    subject: id,
    metadata,
    payload: evidence && JSON.stringify(evidence),
    relations: cause === undefined ? [] : [{ type: 'CAUSES', target: cause }],
  }
}
