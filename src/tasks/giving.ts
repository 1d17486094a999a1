/** Giving work: tasks are added, given to somebody else, made to wait for each other. */
import { AgencyError } from '../kernel/errors.ts'
import { type Id, newId, shortId } from '../kernel/ids.ts'
import { PRIORITIES, type Priority } from '../model/message.ts'
import { type Address, agencyOf, HUMAN, splitAddress } from '../model/names.ts'
import { oneLine } from '../model/sanitize.ts'
import type { Dependency, DependencyKind, Task } from '../model/task.ts'
import { isHeld } from '../model/task.ts'
import { TASK_LABEL } from '../model/taskTalk.ts'
import type { NewTask } from '../storage/taskStore.ts'
import type { TaskMoves } from './moves.ts'
import type { TaskParts } from './parts.ts'
import { callBackGiving, takeBack } from './recall.ts'
import { mayAddPart, mayGive, mayManage, type Place } from './rights.ts'

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

const MAX_TITLE = 200
const MAX_BODY = 100_000
const MOST_NAMED = 100

export class Giving {
  constructor(
    private readonly parts: TaskParts,
    private readonly moves: TaskMoves,
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

  async assign(caller: Address, idOrLabel: string, to: string): Promise<Task> {
    const { board, roster, clock } = this.parts
    const task = await this.moves.find(idOrLabel)
    mayManage(roster, caller, task, 'assign')
    const place = this.#place(to, task.needs)
    mayGive(roster, caller, place)
    this.moves.refuseEnded(task)
    const at = clock.now()
    const reason = `given to ${place.assignee ?? place.agency}`
    // Given to the same agent anew, it is told by the new message alone.
    if (task.claimant === place.assignee) await callBackGiving(this.parts, task, reason)
    else await takeBack(this.parts, task, `is taken from you: ${reason}`)
    const { tasks } = await board.change([
      ...(isHeld(task.state)
        ? [{ move: task.id, change: { event: 'release', at, by: caller, epoch: task.epoch, reason } } as const]
        : []),
      { assign: task.id, to: place, at, by: caller },
    ])
    const assigned = tasks.at(-1)
    if (!assigned) throw this.moves.cannot('assign', task)
    return assigned
  }

  async depend(caller: Address, idOrLabel: string, on: { task: string; on: DependencyKind }): Promise<Task> {
    const task = await this.moves.find(idOrLabel)
    mayManage(this.parts.roster, caller, task, 'change what comes before')
    if (task.state !== 'blocked' && task.state !== 'ready') throw this.moves.cannot('change what comes before', task)
    const dependency = { task: (await this.moves.find(on.task)).id, on: on.on }
    return (
      await this.parts.board.change([{ depend: task.id, on: dependency, at: this.parts.clock.now(), by: caller }])
    ).tasks[0]!
  }

  async #newTask(caller: Address, draft: TaskDraft, ids: ReadonlyMap<string, Id>): Promise<NewTask> {
    const { settings, clock } = this.parts
    const needs = [...new Set(draft.needs ?? [])].sort()
    const place = this.#place(draft.to, needs)
    mayGive(this.parts.roster, caller, place)
    const idOf = async (name: string) => ids.get(name) ?? (await this.moves.find(name)).id
    const dependsOn: Dependency[] = []
    for (const { task, on } of draft.after ?? []) dependsOn.push({ task: await idOf(task), on })
    const parent =
      draft.parent === undefined
        ? this.#ownTask(caller)
        : (ids.get(draft.parent) ?? (await this.#whole(caller, draft.parent)).id)
    const label = checkLabel(draft.label)
    if (label !== undefined) await this.#refuseTaken(label, { agency: place.agency, parent })
    const now = clock.now()
    return {
      id: (draft.key !== undefined && ids.get(draft.key)) || newId(),
      label,
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

  /** Parts may be called as their whole; two things at once that have nothing to do with each other could not be told apart. */
  async #refuseTaken(label: string, { agency, parent }: { agency: string | undefined; parent: Id | undefined }) {
    const open = await this.parts.store.tasks({ label, agency, isOpen: true }, MOST_NAMED)
    const isOfWhole = (task: Task) => parent !== undefined && (task.id === parent || task.parent === parent)
    const other = open.find(task => !isOfWhole(task))
    if (!other) return
    const whose = other.assignee ?? other.agency ?? 'nobody yet'
    throw new AgencyError(
      'CONFLICT',
      `${label} is open already: ${whose}, ${JSON.stringify(oneLine(other.title, 60))}`,
      {
        hint: `leave --label out, or make it a part of that: --parent ${shortId(other.id)}`,
      },
    )
  }

  async #whole(caller: Address, idOrLabel: string): Promise<Task> {
    const whole = await this.moves.findWhole(idOrLabel)
    mayAddPart(this.parts.roster, caller, whole)
    this.moves.refuseEnded(whole)
    return whole
  }

  /** What an agent adds while it has one task is a part of that. */
  #ownTask(caller: Address): Id | undefined {
    if (caller === HUMAN) return undefined
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
