/** Hears in the log what is said about tasks: given, begun, done, stuck, answered. Each thing is heard once. */

import { AgencyError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { JsonObject } from '../kernel/json.ts'
import { isObject, parseJson } from '../kernel/json.ts'
import { agencyOf, HUMAN } from '../model/names.ts'
import { isEnded, type Task } from '../model/task.ts'
import { isAnswer, readResult, readTaskText, TASK_LABEL } from '../model/taskTalk.ts'
import type { Unit } from '../model/unit.ts'
import type { NewTask, TaskStep } from '../storage/taskStore.ts'
import type { TaskParts } from './parts.ts'
import { isReport } from './recall.ts'
import { isManager } from './rights.ts'
import { type Said, taskSpokenOf, toSaid } from './said.ts'

const MARK = 'tasks'
const BATCH = 500
const TRIES = 3
const MOST_EVENTS = 1000
export class Listener {
  #after: number | undefined
  #marked = 0
  #failed: { readonly seq: number; readonly times: number } | undefined
  #waiting: { readonly seq: number; readonly resolve: () => void }[] = []

  constructor(private readonly parts: TaskParts) {}

  /** Hears everything that has been said since it heard last. */
  async tick(): Promise<void> {
    const { store } = this.parts
    if (this.#after === undefined) this.#after = this.#marked = Number((await store.marked(MARK)) ?? 0)
    for (;;) {
      const units = await store.units({ after: this.#after }, BATCH)
      for (const unit of units) {
        await this.#hear(unit).catch((error: unknown) => this.#passOver(unit, error))
        this.#after = unit.seq
        this.#release()
      }
      if (units.length < BATCH) break
    }
    // What led to no task is marked from time to time only: heard again, it leads to none again.
    if (this.#after - this.#marked <= BATCH) return
    this.#marked = this.#after
    await store.mark(MARK, String(this.#marked))
  }

  /** Resolves when everything up to this place in the log was heard. */
  heard(seq: number): Promise<void> {
    if ((this.#after ?? 0) >= seq) return Promise.resolve()
    return new Promise(resolve => this.#waiting.push({ seq, resolve }))
  }

  /** What one message says must not keep the others from being heard: what is refused at once, any other failure after a few tries. */
  #passOver(unit: Unit, error: unknown): void {
    const { log } = this.parts
    if (error instanceof AgencyError) {
      log.warn({ unit: unit.id, code: error.code, err: error.message }, 'what was said about a task was not taken')
      return
    }
    this.#failed = { seq: unit.seq, times: this.#failed?.seq === unit.seq ? this.#failed.times + 1 : 1 }
    if (this.#failed.times < TRIES) throw error
    log.error({ unit: unit.id, err: error }, 'what was said about a task could not be heard, and is passed over')
  }

  #release(): void {
    const ready = this.#waiting.filter(({ seq }) => seq <= this.#after!)
    if (ready.length === 0) return
    this.#waiting = this.#waiting.filter(({ seq }) => seq > this.#after!)
    for (const { resolve } of ready) resolve()
  }

  async #hear(unit: Unit): Promise<void> {
    const steps =
      unit.type === 'message' ? await this.#said(toSaid(unit)) : unit.type === 'delivery' ? this.#arrived(unit) : []
    if (steps.length === 0) return
    await this.parts.board.change(steps, { by: MARK, seq: unit.seq })
    this.#marked = unit.seq
  }

  /** The message that gave a task has arrived: its claimant has begun. */
  #arrived({ metadata: { message, state, to }, at }: Unit): readonly TaskStep[] {
    if (state !== 'confirmed' && state !== 'acked') return []
    // A copy that somebody else has read is no beginning.
    const given = this.parts.board.heldBy(String(to)).find(task => task.message === message && task.state === 'claimed')
    return given ? [{ move: given.id, change: { event: 'begin', at, by: given.claimant!, epoch: given.epoch } }] : []
  }

  async #said(said: Said): Promise<readonly TaskStep[]> {
    if (said.isOurs) return []
    const { board } = this.parts
    const given = await this.#given(said)
    const held = board.heldBy(said.from).filter(({ claimedSeq }) => claimedSeq < said.seq)
    const own = held.length > 0 ? await this.#aboutOwn(said, held) : []
    return [...given, ...own, ...(await this.#answered(said))]
  }

  /** A claimant speaks of its task. */
  async #aboutOwn(said: Said, held: readonly Task[]): Promise<readonly TaskStep[]> {
    const { id, type, at, from: by, body } = said
    const task = await taskSpokenOf(this.parts.store, said, held)
    if (!task || task.state === 'verifying') return []
    const change = { at, by, epoch: task.epoch, cause: id }
    if (isReport(type))
      return [{ move: task.id, change: { ...change, event: 'submit', completion: id, result: readResult(body) } }]
    if (type === 'BLOCKED' && task.state !== 'awaiting-input')
      return [{ move: task.id, change: { ...change, event: 'ask', reason: body.slice(0, 500) } }]
    // Whoever speaks of it works on it.
    return task.state === 'claimed' ? [{ move: task.id, change: { ...change, event: 'begin' } }] : []
  }

  /** Somebody who was asked speaks to an agent whose task waits for an answer. */
  async #answered(said: Said): Promise<readonly TaskStep[]> {
    const { id, from, to, at } = said
    const { board, roster } = this.parts
    const isAsked = ({ createdBy, agency }: Task) =>
      from === createdBy || from === HUMAN || (agency === agencyOf(from) && roster.isCoordinator(from))
    const waiting = board.heldBy(to).filter(task => task.state === 'awaiting-input' && isAsked(task))
    if (waiting.length === 0) return []
    const about = await this.#spokenOf(said, waiting)
    if (!about || !isAnswer(said, about)) return []
    const { task } = about
    return [{ move: task.id, change: { event: 'answer', at, by: from, cause: id, epoch: task.epoch } }]
  }

  /** Which of them the words are about, and whether they reply to its question itself. */
  async #spokenOf(
    { to, label, replyTo }: Said,
    waiting: readonly Task[],
  ): Promise<{ readonly task: Task; readonly isReply: boolean } | undefined> {
    const { store } = this.parts
    const replied = replyTo === undefined ? undefined : (await store.find(replyTo))?.message
    if (replied?.from !== to) {
      const named = label === undefined ? waiting.at(-1) : waiting.find(task => task.label === label)
      return named && { task: named, isReply: false }
    }
    for (const task of waiting) {
      const events = await store.units({ subject: task.id }, MOST_EVENTS, 'newest')
      if (events.some(({ metadata: { event, message } }) => event === 'ask' && message === replyTo))
        return { task, isReply: true }
    }
    // Said once more while it waited already, or of the same task in other words.
    const task = await taskSpokenOf(store, replied, waiting)
    return task && { task, isReply: replied.type === 'BLOCKED' }
  }

  /** A TASK in words, or a handoff to another agency, is a task of its recipient. */
  async #given(said: Said): Promise<readonly TaskStep[]> {
    const { type, to, label } = said
    if ((type !== 'TASK' && type !== 'handoff') || !(await this.#isGivenTo(said))) return []
    const { store } = this.parts
    if (label === undefined) return [{ add: this.#newTask(said, undefined) }]
    const same = (await store.tasks({ label }, 1000)).filter(({ assignee }) => assignee === to)
    const last = same.at(-1)
    if (!last) return [{ add: this.#newTask(said, label) }]
    if (isEnded(last.state))
      return isManager(this.parts.roster, said.from, last)
        ? this.#again(last, said)
        : [{ add: this.#newTask(said, label) }]
    // It waits to be given, and this message gives it: a second one would give it twice.
    return last.state === 'ready' ? [this.#claim(last, said)] : []
  }

  /** The same task once more: its next iteration, with its history. */
  #again(task: Task, said: Said): readonly TaskStep[] {
    const { id, from: by, at } = said
    return [{ move: task.id, change: { event: 'reopen', at, by, cause: id } }, this.#claim(task, said)]
  }

  #claim(task: Task, { id, from: by, to, at }: Said): TaskStep {
    const leaseUntil = at + this.parts.settings.tasks.lease * 1000
    return { move: task.id, change: { event: 'claim', at, by, claimant: to, message: id, leaseUntil, cause: id } }
  }

  #newTask(said: Said, label: string | undefined): NewTask {
    const { board, settings } = this.parts
    const { title, body } = readTaskText(said.type === 'handoff' ? handoffText(said) : said.body)
    const giverHolds = board.heldBy(said.from)
    const parent =
      giverHolds.find(task => task.label === label) ?? (giverHolds.length === 1 ? giverHolds[0] : undefined)
    return {
      id: newId(),
      label: label !== undefined && TASK_LABEL.test(label) ? label : undefined,
      title,
      body,
      agency: agencyOf(said.to),
      assignee: said.to,
      needs: [],
      createdBy: said.from,
      createdAt: said.at,
      priority: 1,
      parent: parent?.id,
      dependsOn: [],
      deadline: undefined,
      maxAttempts: settings.tasks.maxAttempts,
      given: { message: said.id, leaseUntil: said.at + settings.tasks.lease * 1000 },
    }
  }

  /** Whether it goes to that agent itself: by policy a peer's message may go to the coordinator. */
  async #isGivenTo({ id, to }: Said): Promise<boolean> {
    if (!this.parts.roster.agents.has(to)) return false
    const found = await this.parts.store.find(id)
    return found?.deliveries.some(delivery => delivery.to === to && delivery.kind === 'direct') ?? false
  }
}

function handoffText({ body, from }: Said): string {
  const parsed = parseJson(body)
  const { task, branch, notes } = (parsed.ok && isObject(parsed.value) ? parsed.value : {}) as JsonObject
  return [`${task}: handed over by ${from}${branch ? `, branch ${branch}` : ''}`, notes].filter(Boolean).join('\n')
}
