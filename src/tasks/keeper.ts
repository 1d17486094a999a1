/** Owns every due time of tasks, and the claims of agents that are no more: nothing waits for somebody who cannot come. */
import { Pending } from '../kernel/pending.ts'
import { type AgentRecord, takesWork } from '../model/agent.ts'
import { isFinal } from '../model/delivery.ts'
import { HUMAN, SYSTEM } from '../model/names.ts'
import { MAX_INTERRUPTIONS, type Task, taskDueAt } from '../model/task.ts'
import { tellGiver } from './notices.ts'
import type { TaskParts } from './parts.ts'
import { callBackGiving, takeBack } from './recall.ts'
import { cancelParts, endedWholes, takesPartsAlong } from './wholes.ts'

const BATCH = 200

export class Keeper {
  /** Nothing is due before this; asked of the store when it is not known. */
  #nextAt: number | undefined = 0
  readonly #givenUp = new Pending()

  constructor(private readonly parts: TaskParts) {
    parts.board.onChange(task => {
      if (takesPartsAlong(task)) this.#givenUp.add(task.id)
      const due = taskDueAt(task)
      if (due !== undefined) this.#nextAt = Math.min(this.#nextAt ?? due, due)
    })
  }

  /** When a tick has something to do, milliseconds from now. */
  get dueInMs(): number {
    return (this.#nextAt ?? Number.POSITIVE_INFINITY) - this.parts.clock.now()
  }

  async tick(): Promise<void> {
    const { store, clock, log } = this.parts
    await this.#givenUp.each(async id => cancelParts(this.parts, (await store.findTask(id))!))
    if (this.#nextAt === undefined || this.#nextAt > clock.now()) return
    for (const task of await store.dueTasks(clock.now(), BATCH))
      await this.#tend(task).catch(error => log.error({ err: error, task: task.label }, 'a task could not be tended'))
    this.#nextAt = await store.nextTaskDue()
  }

  /** An agent has died, was stopped or taken out: what it was working on goes back at once. */
  async agentChanged(record: AgentRecord): Promise<void> {
    if (record.state !== 'dead' && record.state !== 'stopped') return
    for (const task of this.parts.board.heldBy(record.address)) {
      // What has not begun is still on its way: the bus hands it over again, marked, when the agent is back.
      if (task.state !== 'running') continue
      // Where nobody can tell whether it lives, its lease decides: a living one must not work beside its successor.
      if (record.state === 'dead' && !record.isDeathCertain) continue
      if (record.state === 'dead') await this.#interrupt(task, `its agent died: ${record.evidence}`)
      else await this.#release(task, 'its agent was stopped')
    }
  }

  /** After a start: agents that have ended while no daemon looked, and those that are gone. */
  async recover(): Promise<void> {
    for (const whole of await endedWholes(this.parts)) this.#givenUp.add(whole)
    for (const task of this.parts.board.held()) {
      const record = task.claimant === undefined ? undefined : this.parts.roster.agents.get(task.claimant)
      if (record) await this.agentChanged(record)
    }
  }

  async #tend(task: Task): Promise<void> {
    const { board, clock } = this.parts
    const now = clock.now()
    if (task.deadline !== undefined && task.deadline <= now) {
      const reason = 'its deadline has passed'
      await takeBack(this.parts, task, `is given up: ${reason}`)
      await tellGiver(this.parts, task, { state: 'dead', text: `is given up: ${reason}` })
      await board.move(task.id, { event: 'bury', at: now, by: SYSTEM, reason })
    } else if (task.state === 'blocked') await board.change([{ wake: task.id, at: now }])
    else if (task.leaseUntil !== undefined && task.leaseUntil <= now) await this.#overdue(task, now)
  }

  async #overdue(task: Task, now: number): Promise<void> {
    const { roster, store, settings } = this.parts
    const record = task.claimant === undefined ? undefined : roster.agents.get(task.claimant)
    const lease = now + settings.tasks.lease * 1000
    const isOurs = task.state === 'verifying' || task.claimant === HUMAN
    const waitsForAnswer = task.state === 'awaiting-input' && record !== undefined
    if (task.state === 'claimed' && task.assignee === undefined && record && !takesWork(record)) {
      // Others could do it: what has not left for somebody who takes no work need not wait for them.
      const reason = `${task.claimant} is ${record.state} and takes no work`
      if (await callBackGiving(this.parts, task, reason)) return this.#release(task, reason)
    }
    if (isOurs || waitsForAnswer || (await this.#isAtWork(task, record)))
      await store.extendTask(task.id, task.epoch, lease)
    else await this.#interrupt(task, record ? `no sign of life of ${task.claimant}` : `${task.claimant} is gone`)
  }

  /** Its program lives, or the message that gives it the task is still on its way. */
  async #isAtWork(task: Task, record: AgentRecord | undefined): Promise<boolean> {
    if (!record) return false
    if (task.state !== 'claimed') return record.state !== 'dead' && record.state !== 'stopped'
    const found = task.message === undefined ? undefined : await this.parts.store.find(task.message)
    // Nothing was sent yet: whoever claims for it does so in the next moment.
    if (!found) return task.since + 10_000 > this.parts.clock.now()
    return found.deliveries.some(
      ({ to, state, ackWanted }) => to === task.claimant && (state === 'confirmed' || !isFinal(state, ackWanted)),
    )
  }

  async #interrupt(task: Task, reason: string): Promise<void> {
    const { board, clock } = this.parts
    const change = { at: clock.now(), by: SYSTEM, epoch: task.epoch, reason }
    if (task.interruptions + 1 < MAX_INTERRUPTIONS)
      return void (await board.move(task.id, { ...change, event: 'interrupt' }))
    await tellGiver(this.parts, task, {
      state: 'dead',
      text: `is given up: interrupted ${MAX_INTERRUPTIONS} times, last because ${reason}`,
    })
    await board.move(task.id, { ...change, event: 'bury', reason: `interrupted ${MAX_INTERRUPTIONS} times: ${reason}` })
  }

  async #release(task: Task, reason: string): Promise<void> {
    const { board, clock } = this.parts
    await board.move(task.id, { event: 'release', at: clock.now(), by: SYSTEM, epoch: task.epoch, reason })
  }
}
