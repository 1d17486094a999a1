/** What goes on while submissions wait: the person is told, warned, and in the end nobody waits for ever; tasks that need approval are handed in. */
import { AgencyError } from '../kernel/errors.ts'
import { shortId } from '../kernel/ids.ts'
import { HUMAN, SYSTEM } from '../model/names.ts'
import { isOver, type Submission, waitsForPerson } from '../model/submission.ts'
import type { Task } from '../model/task.ts'
import type { HandIn } from './handIn.ts'
import type { SubmissionParts } from './parts.ts'
import { nameIt } from './words.ts'

const DAY_MS = 86_400_000

export class Keeper {
  /** Said already by this daemon: nothing is asked of the store for it. */
  readonly #said = new Set<string>()

  constructor(
    private readonly parts: SubmissionParts,
    private readonly handIn: HandIn,
  ) {}

  async tick(open: readonly Submission[]): Promise<void> {
    for (const submission of open.filter(waitsForPerson)) await this.#tend(submission)
  }

  /** Tasks whose evidence is good and that a person is to approve: handed in by us, once for each iteration. */
  async present(): Promise<void> {
    const { store, log, tasks } = this.parts
    for (const task of tasks.awaitingApproval()) {
      const known = await store.submissions({ task: task.id }, 100)
      if (known.some(other => other.iteration === task.iteration && (!isOver(other) || !other.isSettled))) continue
      await this.#hand(task).catch(error =>
        log.error({ err: error, task: task.label }, 'a task could not be handed in'),
      )
    }
  }

  async #hand(task: Task): Promise<void> {
    const { roster, clock, tasks } = this.parts
    const { claimant, evidence, result } = task
    const branch = claimant === undefined ? undefined : roster.agents.get(claimant)?.branch
    const checked = evidence?.commit === undefined ? undefined : { commit: evidence.commit, runs: evidence.checks }
    try {
      await this.handIn.submit(claimant!, { branch, summary: result?.summary }, { task, checked })
    } catch (error) {
      if (!(error instanceof AgencyError)) throw error
      // What lies beside the branch is its agent's to commit; whatever else is wrong is for whoever gave the task.
      const event = error.code === 'UNSAVED_WORK' ? 'reopen' : 'fail'
      await tasks.move(task.id, {
        event,
        at: clock.now(),
        by: SYSTEM,
        reason: `could not be handed in: ${error.message}`,
      })
    }
  }

  async #tend(submission: Submission): Promise<void> {
    const { clock, board, settings } = this.parts
    const now = clock.now()
    const { id, expiresAt, since } = submission
    if (expiresAt === undefined) return
    await this.#announce(submission)
    const warnMs = Math.min(settings.approvals.warn * DAY_MS, (expiresAt - since) / 2)
    if (warnMs > 0 && now >= expiresAt - warnMs) await this.#warn(submission, expiresAt)
    if (now >= expiresAt)
      await board.move(id, { event: 'expire', at: now, by: SYSTEM, reason: 'nobody decided about it in time' })
  }

  async #announce(submission: Submission): Promise<void> {
    const { id, state, reason, since } = submission
    const what = state === 'held' ? 'could not be merged' : 'waits for your decision'
    const goesOn = state === 'held' && submission.obstacle !== 'other' ? '. It goes on once that is gone' : ''
    const text = `${nameIt(submission)} ${what}${reason ? `: ${reason}` : ''}${goesOn}. agency approvals show ${shortId(id)}`
    await this.#tellPerson(`submission:${id}:${state}:${since}`, text, id, state)
  }

  async #warn(submission: Submission, expiresAt: number): Promise<void> {
    const { id, since } = submission
    const text = `${nameIt(submission)} expires at ${new Date(expiresAt).toISOString()} when nobody decides. agency approvals show ${shortId(id)}`
    await this.#tellPerson(`submission:${id}:warned:${since}`, text, id, 'expires')
  }

  async #tellPerson(key: string, text: string, about: string, state: string): Promise<void> {
    if (this.#said.has(key)) return
    const payload = { type: 'notice', about, state, text }
    await this.parts.publish(SYSTEM, { to: HUMAN, payload, idempotencyKey: key })
    this.#said.add(key)
  }
}
