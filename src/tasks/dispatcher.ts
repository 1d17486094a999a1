/** Gives ready tasks to agents that are free: a claim, and then the message that tells them. */

import { AtMost } from '../kernel/atMost.ts'
import { newId, shortId } from '../kernel/ids.ts'
import { type AgentRecord, takesWork } from '../model/agent.ts'
import { priorityName } from '../model/message.ts'
import { HUMAN } from '../model/names.ts'
import type { Task } from '../model/task.ts'
import { tellClaimant } from './notices.ts'
import type { TaskParts } from './parts.ts'
import { roomFor } from './room.ts'

/** Claims of several agents go into one commit. */
const AT_ONCE = 8
/** A person is not watched; this only keeps every claim with a time. */
const PERSON_LEASE_MS = 86_400_000

export class Dispatcher {
  constructor(private readonly parts: TaskParts) {}

  /** Hands out what can be handed out now. */
  async tick(): Promise<void> {
    const queues = new Set(await this.parts.store.readyQueues())
    if (queues.size === 0) return
    const agents = [...this.parts.roster.agents.values()].filter(takesWork)
    const some = new AtMost(AT_ONCE)
    const give = (agent: AgentRecord) =>
      some
        .run(() => this.#fill(agent, queues))
        .catch(error => this.parts.log.error({ err: error, agent: agent.address }, 'a task could not be given'))
    await Promise.all(agents.map(give))
    if (queues.has(HUMAN)) await this.#tellPerson()
  }

  /** After a start: whoever was claimed for and not told before is told now; the message has one id, and so goes once. */
  async recover(): Promise<void> {
    for (const task of this.parts.board.held())
      if (task.state === 'claimed' && task.message && !(await this.parts.store.find(task.message)))
        await this.#tell(task)
  }

  async #fill(agent: AgentRecord, open: ReadonlySet<string>): Promise<void> {
    const { board, clock, settings, roster } = this.parts
    const queues = this.#queuesOf(agent).filter(queue => open.has(queue))
    if (queues.length === 0) return
    const capabilities = roster.capabilities(agent.address)
    for (let room = roomFor(this.parts, agent); room > 0; room--) {
      const now = clock.now()
      const task = await board.claim({
        claimant: agent.address,
        queues,
        capabilities,
        at: now,
        leaseUntil: now + settings.tasks.lease * 1000,
        message: newId(),
      })
      if (!task) return
      await this.#tell(task)
    }
  }

  /** What the person is to do stands in their inbox; reading it is beginning with it. */
  async #tellPerson(): Promise<void> {
    const { board, clock } = this.parts
    for (;;) {
      const at = clock.now()
      const lease = { at, leaseUntil: at + PERSON_LEASE_MS, message: newId() }
      const task = await board.claim({ claimant: HUMAN, queues: [HUMAN], capabilities: [], ...lease })
      if (!task) return
      await this.#tell(task)
    }
  }

  /** What nobody is named for goes to specialists that have nothing to do: a coordinator takes what is given to it. */
  #queuesOf(agent: AgentRecord): readonly string[] {
    const isFree = !agent.isCoordinator && agent.state === 'ready'
    return isFree ? [agent.address, agent.agency, '*'] : [agent.address]
  }

  async #tell(task: Task): Promise<void> {
    const { store } = this.parts
    const builtOn = await Promise.all(task.dependsOn.map(({ task: id }) => store.findTask(id)))
    const draft = {
      id: task.message!,
      type: 'TASK',
      body: taskText(
        task,
        builtOn.filter(found => found !== undefined),
      ),
      priority: priorityName(task.priority),
    }
    await tellClaimant(this.parts, task, draft)
  }
}

/** What its claimant reads: the task, what it builds on, and what became of earlier tries. */
function taskText(task: Task, builtOn: readonly Task[]): string {
  const parts = [`${task.label}: ${task.title}`]
  if (task.body) parts.push(task.body)
  const made = builtOn.flatMap(({ label, title, claimant, result, evidence }) => {
    const commit = evidence?.commit ?? result?.commits[0]
    return [
      `- ${label} ${title}${claimant ? `, by ${claimant}` : ''}${commit ? `, commit ${commit.slice(0, 12)}` : ''}`,
    ]
  })
  if (made.length > 0) parts.push(`Builds on:\n${made.join('\n')}`)
  if (task.epoch > 1)
    parts.push(
      `This task was given before${task.interruptions > 0 ? ` and interrupted (${task.interruptions})` : ''}${task.attempts > 0 ? `, and judged bad ${task.attempts} times` : ''}${task.reason ? `: ${task.reason}` : ''}. Look first at what is there already.`,
    )
  parts.push(
    `When it is done: "$AGENCY_BIN" task done ${shortId(task.id)} "…"; when you cannot go on: "$AGENCY_BIN" task block ${shortId(task.id)} "…"`,
  )
  return parts.join('\n\n')
}
