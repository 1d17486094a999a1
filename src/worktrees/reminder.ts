/** Reminds agents of work that has lain uncommitted for too long. Looks seldom, at low priority, and takes no lock of git's. */

import { repositoryRoot } from '../agencies/repository.ts'
import { isRepositoryGone } from '../agencies/worktrees.ts'
import type { Draft } from '../bus/publish.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type Address, SYSTEM } from '../model/names.ts'
import { isReminderDue, REMINDER_BEGINS, reminderText, type WorktreeStatus } from '../model/worktree.ts'
import { lookInto } from './look.ts'
import type { WorktreeParts } from './parts.ts'

export interface ReminderParts extends WorktreeParts {
  readonly publish: (caller: Address, draft: Draft) => Promise<unknown>
}

/** No worktree is looked at more often than this; more often only where the reminder itself comes sooner. */
const LOOK_EVERY_MS = 180_000

export class Reminder {
  /** When each was looked at last. */
  readonly #looked = new Map<Address, number>()
  /** Since when it has been seen with uncommitted work, without a moment in which it had none: an agent that goes on writing into one file has changed it just now. */
  readonly #changedSince = new Map<Address, number>()

  constructor(private readonly parts: ReminderParts) {}

  /** How often to ask for a tick. */
  get everyMs(): number {
    return Math.max(500, Math.min(60_000, this.#remindAfterMs / 4 || 60_000))
  }

  async tick(signal: AbortSignal): Promise<void> {
    if (this.#remindAfterMs <= 0) return
    const { roster, clock } = this.parts
    const every = Math.min(LOOK_EVERY_MS, this.#remindAfterMs / 2)
    // One after the other: nobody waits for this.
    for (const agent of [...roster.agents.values()]) {
      if (signal.aborted) return
      const isDue = clock.now() - (this.#looked.get(agent.address) ?? 0) >= every
      if (isDue && agent.desired === 'running' && agent.state !== 'stopped') await this.#look(agent)
    }
  }

  get #remindAfterMs(): number {
    return this.parts.settings.worktrees.remindAfter * 60_000
  }

  async #look(agent: AgentRecord): Promise<void> {
    const { roster, git, clock, store } = this.parts
    this.#looked.set(agent.address, clock.now())
    const definition = roster.definitions.get(agent.agency)
    const repository = definition && repositoryRoot(this.parts, definition)
    if (agent.branch === undefined || repository === undefined || isRepositoryGone(repository)) return
    const status = this.#sinceSeen(await lookInto(git, { agent, repository, main: undefined, isBrief: true }))
    const mark = `reminded:${agent.address}`
    const before = await store.marked(mark)
    const remindedAt = before === undefined ? undefined : Number(before)
    const now = clock.now()
    if (!isReminderDue({ oldestChangeAt: status.oldestChangeAt, remindedAt }, now, this.#remindAfterMs)) return
    if (await this.#isStillWaiting(agent.address)) return
    await store.mark(mark, String(now))
    const body = reminderText(status, now)
    await this.parts.publish(SYSTEM, { to: agent.address, body, type: 'NOTE', nudge: true, priority: 'low' })
  }

  /** One that has not been read says enough, whatever number of minutes it names. */
  async #isStillWaiting(agent: Address): Promise<boolean> {
    const unread = await this.parts.store.inbox(agent, { isUnread: true, limit: 200 })
    return unread.some(({ message }) => message.from === SYSTEM && message.body.startsWith(REMINDER_BEGINS))
  }

  #sinceSeen(status: WorktreeStatus): WorktreeStatus {
    if (status.oldestChangeAt === undefined) {
      this.#changedSince.delete(status.agent)
      return status
    }
    const since = Math.min(this.#changedSince.get(status.agent) ?? status.oldestChangeAt, status.oldestChangeAt)
    this.#changedSince.set(status.agent, since)
    return { ...status, oldestChangeAt: since }
  }
}
