/** Doing work: whoever has a task starts it, keeps it alive, and says how it ended. */

import { backoffMs } from '../kernel/backoff.ts'
import { AgencyError } from '../kernel/errors.ts'
import { checkId, type Id, newId, shortId } from '../kernel/ids.ts'
import { type Address, agencyOf, HUMAN, splitAddress } from '../model/names.ts'
import { isEnded, isHeld, type Task, type TaskResult } from '../model/task.ts'
import type { Accepted } from '../storage/store.ts'
import type { Listener } from './listener.ts'
import type { TaskMoves } from './moves.ts'
import { isReachable, tellGiver } from './notices.ts'
import { wasHeard } from './once.ts'
import type { TaskParts } from './parts.ts'
import { mayWork } from './rights.ts'
import { roomFor } from './room.ts'

interface Words {
  readonly type: string
  readonly words: string
  readonly id: Id | undefined
}

export class Working {
  constructor(
    private readonly parts: TaskParts,
    private readonly moves: TaskMoves,
    private readonly listener: Listener,
  ) {}

  /** The caller takes this task, or goes on with it without the answer that it waited for. */
  async start(caller: Address, idOrLabel: string): Promise<Task> {
    const task = await this.moves.findOwn(caller, idOrLabel)
    if (task.claimant === caller && isHeld(task.state)) {
      const event = task.state === 'claimed' ? 'begin' : task.state === 'awaiting-input' ? 'answer' : undefined
      return event ? this.moves.move(caller, task, { event, epoch: task.epoch }, 'start') : task
    }
    this.#refuseUnfit(caller, task)
    const at = this.parts.clock.now()
    const claimed = await this.moves.move(
      caller,
      task,
      { event: 'claim', claimant: caller, leaseUntil: this.moves.lease(at) },
      'start',
    )
    return this.moves.move(caller, claimed, { event: 'begin', epoch: claimed.epoch }, 'start')
  }

  /** The caller takes the task that is next for it; undefined when none is. AgencyError('CONFLICT') for one that has enough, or is paused. */
  async next(caller: Address): Promise<Task | undefined> {
    const { board, clock } = this.parts
    this.#refuseFull(caller)
    const agency = agencyOf(caller)
    const at = clock.now()
    const claimed = await board.claim({
      claimant: caller,
      queues: [caller, ...(agency === undefined ? [] : [agency]), '*'],
      capabilities: this.parts.roster.capabilities(caller),
      at,
      leaseUntil: this.moves.lease(at),
    })
    return claimed && this.moves.move(caller, claimed, { event: 'begin', epoch: claimed.epoch }, 'start')
  }

  /** Keeps a claim alive. AgencyError('CONFLICT') when somebody else has it by now. */
  async heartbeat(caller: Address, idOrLabel: string, epoch: number | undefined): Promise<Task> {
    const task = await this.moves.findOwn(caller, idOrLabel)
    mayWork(caller, task, 'speak for')
    const isAlive = await this.parts.store.extendTask(
      task.id,
      epoch ?? task.epoch,
      this.moves.lease(this.parts.clock.now()),
    )
    if (isAlive) return this.moves.find(task.id)
    throw new AgencyError(
      'CONFLICT',
      `${task.label} is no longer the claim ${epoch ?? task.epoch}: it is ${task.state}`,
      {
        hint: `stop working on it; see agency task show ${shortId(task.id)}`,
      },
    )
  }

  /**
   * The caller says that it is done; it counts when it has been verified. `said` is an id of the caller's own, here and in what
   * follows: under the same one it is said once, however often it comes in.
   */
  async done(caller: Address, idOrLabel: string, result: TaskResult, said?: string): Promise<Task> {
    let task = await this.moves.findOwn(caller, idOrLabel)
    const id = await this.#idOf(caller, task, said)
    if (id === 'heard') return task
    // By this id its COMPLETE goes out, and is called back when it was none: it must be nobody's message.
    if (id !== undefined && (await this.parts.store.find(id))) throw takenId(id)
    if (caller === HUMAN && task.state === 'blocked') throw this.moves.cannot('end', task)
    if (!isHeld(task.state) && caller === HUMAN && !isEnded(task.state)) task = await this.start(caller, task.id)
    mayWork(caller, task, 'end')
    if (task.state === 'verifying') return task
    const change = { epoch: task.epoch, completion: id ?? newId(), cause: id, result }
    return this.moves.move(caller, task, { event: 'submit', ...change }, 'end')
  }

  /** The caller cannot go on without an answer: whoever gave the task is told, and the task has heard it. */
  async block(caller: Address, idOrLabel: string, why: string, said?: string): Promise<Task> {
    const task = await this.moves.findOwn(caller, idOrLabel)
    const message = await this.tellBlocked(caller, task.id, why, said)
    await this.listener.heard(message?.deliveries[0]?.seq ?? 0)
    return this.moves.find(task.id)
  }

  /** The first half of that, for what is taken in while nobody hears yet. The message, where one was sent. */
  async tellBlocked(caller: Address, idOrLabel: string, why: string, said?: string): Promise<Accepted | undefined> {
    const task = await this.moves.findOwn(caller, idOrLabel)
    const id = await this.#idOf(caller, task, said)
    if (id === 'heard') return undefined
    mayWork(caller, task, 'block')
    if (caller === HUMAN || !isReachable(this.parts, task.createdBy) || task.createdBy === caller) {
      await this.moves.move(caller, task, { event: 'ask', epoch: task.epoch, reason: why, cause: id }, 'block')
      return undefined
    }
    if (task.state !== 'claimed' && task.state !== 'running') throw this.moves.cannot('block', task)
    return this.#say(caller, task, { type: 'BLOCKED', words: why, id })
  }

  /** The caller judges that it cannot be done as it is: it goes back to the queue after a while, or has failed. */
  async fail(caller: Address, idOrLabel: string, why: string, said?: string): Promise<Task> {
    const task = await this.moves.findOwn(caller, idOrLabel)
    const cause = await this.#idOf(caller, task, said)
    if (cause === 'heard') return task
    mayWork(caller, task, 'fail')
    const { backoffBase, backoffMax } = this.parts.settings.tasks
    if (task.attempts + 1 >= task.maxAttempts) {
      await tellGiver(this.parts, task, { state: 'failed', text: `failed: ${why}` })
      return this.moves.move(caller, task, { event: 'fail', epoch: task.epoch, reason: why, cause }, 'fail')
    }
    const waitMs = backoffMs(task.attempts + 1, { baseMs: backoffBase * 1000, maxMs: backoffMax * 1000 }, Math.random)
    const notBefore = this.parts.clock.now() + waitMs
    const change = { epoch: task.epoch, reason: why, notBefore, cause }
    return this.moves.move(caller, task, { event: 'retry-later', ...change }, 'fail')
  }

  /** What a claimant says by a command goes on the bus as its message, and is heard there. */
  async #say(caller: Address, task: Task, { type, words, id }: Words): Promise<Accepted> {
    const name = splitAddress(caller)?.agent ?? caller
    const accepted = await this.parts.publish(caller, {
      id,
      to: task.createdBy,
      type,
      body: `${type} ${name}: ${task.label}: ${words}`,
      replyTo: task.message,
    })
    if (id !== undefined && (accepted.message.from !== caller || accepted.message.type !== type)) throw takenId(id)
    return accepted
  }

  async #idOf(caller: Address, task: Task, said: string | undefined): Promise<Id | undefined | 'heard'> {
    if (said === undefined) return undefined
    const id = checkId(said)
    return (await wasHeard(this.parts.store, task, { by: caller, said: id })) ? 'heard' : id
  }

  #refuseFull(caller: Address): void {
    const agent = this.parts.roster.agents.get(caller)
    if (!agent) return
    // Whoever pulls lives, whatever its state is taken for.
    if (agent.desired !== 'running' || (agent.holds ?? []).length > 0)
      throw new AgencyError('CONFLICT', `${caller} takes no work now`, { hint: `agency explain ${caller}` })
    const [held] = this.parts.board.heldBy(caller)
    if (!held || roomFor(this.parts, agent) > 0) return
    throw new AgencyError('CONFLICT', `${caller} has ${held.label} already`, {
      hint: `agency task done ${shortId(held.id)} "…"   (more at once: maxTasks in its agency.json)`,
    })
  }

  #refuseUnfit(caller: Address, task: Task): void {
    const missing = task.needs.filter(need => !this.parts.roster.capabilities(caller).includes(need))
    const isForIt = task.assignee === caller || caller === HUMAN
    const isOpenToIt = task.assignee === undefined && (task.agency === undefined || task.agency === agencyOf(caller))
    if (isForIt || (isOpenToIt && missing.length === 0)) return
    const why = isOpenToIt ? `it needs ${missing.join(', ')}` : `it is for ${task.assignee ?? task.agency}`
    throw new AgencyError('NOT_ALLOWED', `${caller} may not start ${task.label}: ${why}`, { hint: 'agency task next' })
  }
}

function takenId(id: Id): AgencyError {
  return new AgencyError('CONFLICT', `${id} is the id of another message`, {
    hint: 'leave the id out, and one is made',
  })
}
