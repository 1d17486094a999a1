/** Tasks as people and agents order them: add, assign, start, done, block, fail, cancel, retry, look. */

import { backoffMs } from '../kernel/backoff.ts'
import { AgencyError } from '../kernel/errors.ts'
import { type Id, newId, shortId } from '../kernel/ids.ts'
import { members } from '../model/definition.ts'
import { PRIORITIES, type Priority } from '../model/message.ts'
import { type Address, agencyOf, HUMAN, SYSTEM, splitAddress } from '../model/names.ts'
import type { Dependency, DependencyKind, Task, TaskChange, TaskResult } from '../model/task.ts'
import { isEnded, isHeld } from '../model/task.ts'
import { TASK_LABEL } from '../model/taskTalk.ts'
import type { Unit } from '../model/unit.ts'
import type { NewTask, TaskFilter } from '../storage/taskStore.ts'
import type { Listener } from './listener.ts'
import { isReachable, tellGiver } from './notices.ts'
import type { TaskParts } from './parts.ts'
import { mayGive, mayManage, mayWork, type Place } from './rights.ts'

export interface TaskDraft {
  /** Names it among the drafts that are added together. */
  readonly key?: string | undefined
  readonly title: string
  readonly body?: string | undefined
  /** An agent, or an agency: with needs any of its agents that has them, without its coordinator. */
  readonly to?: string | undefined
  readonly label?: string | undefined
  readonly needs?: readonly string[] | undefined
  readonly after?: readonly { readonly task: string; readonly on: DependencyKind }[] | undefined
  readonly parent?: string | undefined
  readonly priority?: Priority | undefined
  /** Seconds from now. */
  readonly deadline?: number | undefined
  readonly maxAttempts?: number | undefined
  readonly estimateMinutes?: number | undefined
}

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

const MAX_TITLE = 200
const MAX_BODY = 100_000

export class Tasks {
  constructor(
    private readonly parts: TaskParts,
    private readonly listener: Listener,
  ) {}

  /** All of them, or none. AgencyError('CONFLICT') names the way round when their dependencies would make one. */
  async add(caller: Address, drafts: readonly TaskDraft[]): Promise<readonly Task[]> {
    const ids = new Map<string, Id>()
    for (const { key } of drafts) {
      if (key === undefined) continue
      if (ids.has(key)) throw new AgencyError('USAGE', `two tasks have the key ${JSON.stringify(key)}`)
      ids.set(key, newId())
    }
    const added: NewTask[] = []
    for (const draft of drafts) added.push(await this.#newTask(caller, draft, ids))
    const { tasks } = await this.parts.board.change(added.map(add => ({ add })))
    return tasks.map(task => task!)
  }

  async #newTask(caller: Address, draft: TaskDraft, ids: ReadonlyMap<string, Id>): Promise<NewTask> {
    const { settings, clock } = this.parts
    const needs = [...new Set(draft.needs ?? [])].sort()
    const place = this.#place(draft.to, needs)
    mayGive(this.parts.roster, caller, place)
    const idOf = async (name: string) => ids.get(name) ?? (await this.find(name)).id
    const dependsOn: Dependency[] = []
    for (const { task, on } of draft.after ?? []) dependsOn.push({ task: await idOf(task), on })
    const parent = draft.parent === undefined ? this.#ownTask(caller) : await idOf(draft.parent)
    const now = clock.now()
    return {
      id: (draft.key !== undefined && ids.get(draft.key)) || newId(),
      label: checkLabel(draft.label),
      title: checkText('title', draft.title, MAX_TITLE),
      body: draft.body === undefined ? '' : checkText('body', draft.body, MAX_BODY),
      ...place,
      needs,
      createdBy: caller,
      createdAt: now,
      priority: PRIORITIES[draft.priority ?? 'normal'],
      parent,
      dependsOn,
      deadline: draft.deadline === undefined ? undefined : now + draft.deadline * 1000,
      maxAttempts: draft.maxAttempts ?? settings.tasks.maxAttempts,
      estimateMinutes: draft.estimateMinutes,
    }
  }

  /** What an agent adds while it has one task is a part of that. */
  #ownTask(caller: Address): Id | undefined {
    const held = this.parts.board.heldBy(caller)
    return held.length === 1 ? held[0]!.id : undefined
  }

  #place(to: string | undefined, needs: readonly string[]): Place {
    const { roster } = this.parts
    if (to === undefined) return { agency: undefined, assignee: undefined }
    if (to === HUMAN) return { agency: undefined, assignee: HUMAN }
    if (splitAddress(to)) {
      const assignee = roster.resolve(to)
      return { agency: agencyOf(assignee), assignee }
    }
    const { record } = roster.agency(to)
    return { agency: record.name, assignee: needs.length > 0 ? undefined : roster.coordinator(record.name) }
  }

  async find(idOrLabel: string): Promise<Task> {
    const task = await this.parts.store.findTask(idOrLabel)
    if (task) return task
    throw new AgencyError('NOT_FOUND', `there is no task ${JSON.stringify(idOrLabel.slice(0, 60))}`, {
      hint: 'agency task list',
    })
  }

  list(filter: TaskFilter, limit: number): Promise<readonly Task[]> {
    const { roster } = this.parts
    if (filter.agency !== undefined) roster.agency(filter.agency)
    const agent = filter.agent === undefined || filter.agent === HUMAN ? filter.agent : roster.resolve(filter.agent)
    return this.parts.store.tasks({ ...filter, agent }, limit)
  }

  /** A task with what it depends on, its parts, and everything that happened to it. */
  async story(idOrLabel: string): Promise<TaskStory> {
    const { store } = this.parts
    const task = await this.find(idOrLabel)
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

  async assign(caller: Address, idOrLabel: string, to: string): Promise<Task> {
    const { board, roster, clock } = this.parts
    const task = await this.find(idOrLabel)
    mayManage(roster, caller, task, 'assign')
    const place = this.#place(to, task.needs)
    mayGive(roster, caller, place)
    this.#refuseEnded(task)
    const at = clock.now()
    const reason = `given to ${place.assignee ?? place.agency}`
    const { tasks } = await board.change([
      ...(isHeld(task.state)
        ? [{ move: task.id, change: { event: 'release', at, by: caller, epoch: task.epoch, reason } } as const]
        : []),
      { assign: task.id, to: place, at, by: caller },
    ])
    const assigned = tasks.at(-1)
    if (!assigned) throw this.#cannot('assign', task)
    if (isHeld(task.state) && task.claimant !== place.assignee)
      await this.#tellClaimant(task, `is taken from you: ${reason}. Stop working on it`)
    return assigned
  }

  async depend(caller: Address, idOrLabel: string, on: { task: string; on: DependencyKind }): Promise<Task> {
    const task = await this.find(idOrLabel)
    mayManage(this.parts.roster, caller, task, 'change what comes before')
    if (task.state !== 'blocked' && task.state !== 'ready') throw this.#cannot('make wait', task)
    const dependency = { task: (await this.find(on.task)).id, on: on.on }
    return (
      await this.parts.board.change([{ depend: task.id, on: dependency, at: this.parts.clock.now(), by: caller }])
    ).tasks[0]!
  }

  /** The caller takes this task. */
  async start(caller: Address, idOrLabel: string): Promise<Task> {
    const task = await this.find(idOrLabel)
    if (task.claimant === caller && isHeld(task.state))
      return task.state === 'claimed' ? this.#move(caller, task, { event: 'begin', epoch: task.epoch }, 'start') : task
    this.#refuseUnfit(caller, task)
    const at = this.parts.clock.now()
    const claimed = await this.#move(
      caller,
      task,
      { event: 'claim', claimant: caller, leaseUntil: this.#lease(at) },
      'start',
    )
    return this.#move(caller, claimed, { event: 'begin', epoch: claimed.epoch }, 'start')
  }

  /** The caller takes the task that is next for it; undefined when none is. */
  async next(caller: Address): Promise<Task | undefined> {
    const { board, clock } = this.parts
    const agency = agencyOf(caller)
    const at = clock.now()
    const claimed = await board.claim({
      claimant: caller,
      queues: [caller, ...(agency === undefined ? [] : [agency]), '*'],
      capabilities: this.#capabilities(caller),
      at,
      leaseUntil: this.#lease(at),
    })
    return claimed && this.#move(caller, claimed, { event: 'begin', epoch: claimed.epoch }, 'start')
  }

  /** Keeps a claim alive. AgencyError('CONFLICT') when somebody else has it by now. */
  async heartbeat(caller: Address, idOrLabel: string, epoch: number | undefined): Promise<Task> {
    const task = await this.find(idOrLabel)
    mayWork(caller, task, 'speak for')
    const isAlive = await this.parts.store.extendTask(task.id, epoch ?? task.epoch, this.#lease(this.parts.clock.now()))
    if (isAlive) return this.find(task.id)
    throw new AgencyError(
      'CONFLICT',
      `${task.label} is no longer the claim ${epoch ?? task.epoch}: it is ${task.state}`,
      {
        hint: `stop working on it; see agency task show ${shortId(task.id)}`,
      },
    )
  }

  /** The caller says that it is done; it counts when it has been verified. */
  async done(caller: Address, idOrLabel: string, result: TaskResult): Promise<Task> {
    let task = await this.find(idOrLabel)
    if (!isHeld(task.state) && caller === HUMAN && !isEnded(task.state)) task = await this.start(caller, task.id)
    mayWork(caller, task, 'end')
    if (task.state === 'verifying') return task
    return this.#move(caller, task, { event: 'submit', epoch: task.epoch, completion: newId(), result }, 'end')
  }

  /** The caller cannot go on without an answer: whoever gave the task is told. */
  async block(caller: Address, idOrLabel: string, why: string): Promise<Task> {
    const task = await this.find(idOrLabel)
    mayWork(caller, task, 'block')
    if (caller === HUMAN || !isReachable(this.parts, task.createdBy) || task.createdBy === caller)
      return this.#move(caller, task, { event: 'ask', epoch: task.epoch, reason: why }, 'block')
    if (task.state !== 'claimed' && task.state !== 'running') throw this.#cannot('block', task)
    await this.#say(caller, task, 'BLOCKED', why)
    return this.find(task.id)
  }

  /** The caller judges that it cannot be done as it is: it goes back to the queue after a while, or has failed. */
  async fail(caller: Address, idOrLabel: string, why: string): Promise<Task> {
    const task = await this.find(idOrLabel)
    mayWork(caller, task, 'fail')
    const { backoffBase, backoffMax } = this.parts.settings.tasks
    if (task.attempts + 1 >= task.maxAttempts) {
      await tellGiver(this.parts, task, { state: 'failed', text: `failed: ${why}` })
      return this.#move(caller, task, { event: 'fail', epoch: task.epoch, reason: why }, 'fail')
    }
    const waitMs = backoffMs(task.attempts + 1, { baseMs: backoffBase * 1000, maxMs: backoffMax * 1000 }, Math.random)
    const notBefore = this.parts.clock.now() + waitMs
    return this.#move(caller, task, { event: 'retry-later', epoch: task.epoch, reason: why, notBefore }, 'fail')
  }

  /** With everything that is a part of it. */
  async cancel(caller: Address, idOrLabel: string, why: string | undefined): Promise<readonly Task[]> {
    const { roster, store } = this.parts
    const task = await this.find(idOrLabel)
    mayManage(roster, caller, task, 'cancel')
    this.#refuseEnded(task)
    const cancelled = [await this.#move(caller, task, { event: 'cancel', reason: why }, 'cancel')]
    if (isHeld(task.state)) await this.#tellClaimant(task, `is cancelled${why ? `: ${why}` : ''}. Stop working on it`)
    for (const part of await store.tasks({ parent: task.id, isOpen: true }, 1000))
      cancelled.push(...(await this.cancel(SYSTEM, part.id, `${task.label} is cancelled`)))
    return cancelled
  }

  /** Opens one again that has ended, as its next iteration; or wakes one that waits for its back-off. */
  async retry(caller: Address, idOrLabel: string): Promise<Task> {
    const task = await this.find(idOrLabel)
    mayManage(this.parts.roster, caller, task, 'retry')
    const at = this.parts.clock.now()
    if (task.state === 'blocked' && task.notBefore !== undefined)
      return this.#move(caller, task, { event: 'unblock' }, 'retry')
    if (!isEnded(task.state)) throw this.#cannot('retry', task)
    if (task.deadline !== undefined && task.deadline <= at)
      throw new AgencyError('CONFLICT', `the deadline of ${task.label} has passed`, {
        hint: 'agency task add "…"   makes a new one',
      })
    await this.#move(caller, task, { event: 'reopen' }, 'retry')
    return this.find(task.id)
  }

  #capabilities(caller: Address): readonly string[] {
    const definition = this.parts.roster.definitions.get(agencyOf(caller) ?? '')
    return (
      (definition && members(definition).find(({ name }) => caller === `${definition.name}/${name}`)?.capabilities) ??
      []
    )
  }

  #refuseUnfit(caller: Address, task: Task): void {
    const missing = task.needs.filter(need => !this.#capabilities(caller).includes(need))
    const isForIt = task.assignee === caller || caller === HUMAN
    const isOpenToIt = task.assignee === undefined && (task.agency === undefined || task.agency === agencyOf(caller))
    if (isForIt || (isOpenToIt && missing.length === 0)) return
    const why = isOpenToIt ? `it needs ${missing.join(', ')}` : `it is for ${task.assignee ?? task.agency}`
    throw new AgencyError('NOT_ALLOWED', `${caller} may not start ${task.label}: ${why}`, { hint: 'agency task next' })
  }

  #refuseEnded(task: Task): void {
    if (!isEnded(task.state)) return
    throw new AgencyError('CONFLICT', `${task.label} has ended: ${task.state}`, {
      hint: `agency task retry ${shortId(task.id)}`,
    })
  }

  async #move(by: Address, task: Task, change: Omit<TaskChange, 'at' | 'by'>, what: string): Promise<Task> {
    const moved = await this.parts.board.move(task.id, { ...change, at: this.parts.clock.now(), by })
    if (moved) return moved
    throw this.#cannot(what, await this.find(task.id))
  }

  #cannot(what: string, task: Task): AgencyError {
    const who = isHeld(task.state) && task.claimant ? ` by ${task.claimant}` : ''
    return new AgencyError(
      'CONFLICT',
      `cannot ${what} ${task.label}: it is ${task.state}${who}${task.reason ? ` (${task.reason})` : ''}`,
      {
        hint: `agency task show ${shortId(task.id)}`,
      },
    )
  }

  #lease(now: number): number {
    return now + this.parts.settings.tasks.lease * 1000
  }

  /** What a claimant says by a command goes on the bus as its message, and is heard there. */
  async #say(caller: Address, task: Task, type: string, words: string): Promise<void> {
    const name = splitAddress(caller)?.agent ?? caller
    const accepted = await this.parts.publish(caller, {
      to: task.createdBy,
      type,
      body: `${type} ${name}: ${task.label}: ${words}`,
      replyTo: task.message,
    })
    await this.listener.heard(accepted.deliveries[0]?.seq ?? 0)
  }

  async #tellClaimant(task: Task, text: string): Promise<void> {
    if (!task.claimant || !isReachable(this.parts, task.claimant)) return
    await this.parts.publish(SYSTEM, {
      to: task.claimant,
      type: 'NOTE',
      body: `${task.label} ${text}.`,
      priority: 'high',
    })
  }
}

function checkLabel(label: string | undefined): string | undefined {
  if (label === undefined || TASK_LABEL.test(label)) return label
  throw new AgencyError('USAGE', `the label ${JSON.stringify(label.slice(0, 60))} is none`, {
    hint: 'a label is TASK- and letters or digits: TASK-042',
  })
}

function checkText(what: string, text: string, most: number): string {
  const trimmed = text.trim()
  if (what === 'title' && (trimmed === '' || trimmed.includes('\n')))
    throw new AgencyError('USAGE', 'the title of a task is one line of text', {
      hint: 'agency task add "Add a health endpoint" --body "…"',
    })
  if (trimmed.length > most)
    throw new AgencyError(
      'TOO_LARGE',
      `the ${what} of the task has ${trimmed.length} characters; at most ${most} are taken`,
      {
        hint: what === 'title' ? 'put the rest into --body' : 'put it into a file and name that',
      },
    )
  if (trimmed.includes('\0')) throw new AgencyError('USAGE', `the ${what} of the task holds a NUL character`)
  return trimmed
}
