/** What follows the end of a submission: its task moves on, its author is told. Each thing once, however often it is tried. */
import { AgencyError } from '../kernel/errors.ts'
import { shortId } from '../kernel/ids.ts'
import { HUMAN, SYSTEM } from '../model/names.ts'
import { isOver, type Submission, type SubmissionState } from '../model/submission.ts'
import type { Task, TaskEvent } from '../model/task.ts'
import type { TaskStep } from '../storage/taskStore.ts'
import { tellGiver } from '../tasks/notices.ts'
import { Aftermath } from './aftermath.ts'
import type { SubmissionParts } from './parts.ts'
import { refusedText, returnedText } from './words.ts'

/** What becomes of a task that waits for this decision; undefined: its submission has not ended so. */
const TASK_GOES: Readonly<Partial<Record<SubmissionState, TaskEvent>>> = {
  merged: 'approve',
  approved: 'approve',
  returned: 'retry-later',
  rejected: 'reopen',
  'changes-requested': 'reopen',
  withdrawn: 'reopen',
  expired: 'fail',
}

const MOST_EVENTS = 1000
const MOST_OTHERS = 100

export class Ending {
  readonly #aftermath: Aftermath

  constructor(private readonly parts: SubmissionParts) {
    this.#aftermath = new Aftermath(parts)
  }

  async tick(open: readonly Submission[]): Promise<void> {
    for (const submission of open.filter(isOver))
      await this.#settle(submission).catch(error =>
        this.parts.log.error({ err: error, submission: submission.id }, 'the end of a submission could not be told'),
      )
  }

  async #settle(submission: Submission): Promise<void> {
    const words = await wordsFor(submission)
    // The next claim of the task carries the words; without one they go to the author by themselves.
    const isCarried = await this.#moveTask(submission, words)
    if (!isCarried && words !== undefined && submission.state !== 'withdrawn')
      await this.#tell(submission, 'TASK', words)
    await this.#tellEnd(submission, await this.#aftermath.follow(submission))
    this.parts.reach('submission-followed')
    await this.parts.testPlace.clear(submission.id)
    this.parts.reach('submission-told')
    await this.parts.board.settle(submission.id)
  }

  /** Whether its task has moved by this end: now, or by a daemon that died before it had told everybody. */
  async #moveTask(submission: Submission, words: string | undefined): Promise<boolean> {
    const { clock, tasks, store } = this.parts
    const wanted = TASK_GOES[submission.state]
    const task = submission.task === undefined ? undefined : await store.findTask(submission.task)
    if (!task || wanted === undefined) return false
    if (await this.#hasMoved(task, submission)) return true
    const waits = task.state === 'awaiting-approval' && task.iteration === submission.iteration
    if (!waits || (await this.#isReplaced(submission))) return false
    const event = wanted === 'retry-later' && task.attempts + 1 >= task.maxAttempts ? 'fail' : wanted
    const [at, by, reason] = [clock.now(), submission.decision?.by ?? SYSTEM, words ?? submission.reason]
    const steps: TaskStep[] = [{ move: task.id, change: { event, at, by, reason, submission: submission.id } }]
    // Its history is the author's, and so is the branch.
    if (event === 'reopen' || event === 'retry-later')
      steps.push({ assign: task.id, to: { agency: submission.agency, assignee: submission.author }, at, by })
    // Told first, by a message that goes once: whoever dies in between does it again.
    if (event === 'fail') await tellGiver(this.parts, task, { state: 'failed', text: `failed: ${reason ?? ''}` })
    return (await tasks.change(steps)).tasks[0] !== undefined
  }

  async #hasMoved(task: Task, { id }: Submission): Promise<boolean> {
    const events = await this.parts.store.units({ subject: task.id }, MOST_EVENTS, 'newest')
    return events.some(({ metadata }) => metadata.submission === id)
  }

  /** Another one of its task is still open, or ended after it and moves the task itself. */
  async #isReplaced({ id, seq, task, iteration }: Submission): Promise<boolean> {
    const others = await this.parts.store.submissions({ task }, MOST_OTHERS)
    return others.some(
      other =>
        other.id !== id && (!isOver(other) || (other.seq > seq && other.iteration === iteration && !other.isSettled)),
    )
  }

  /** Good ends, and those that come by themselves. */
  async #tellEnd(submission: Submission, follows: string | undefined): Promise<void> {
    const { state, change, merge, title, id } = submission
    const it = `${JSON.stringify(title)} [${shortId(id)}]`
    if (state === 'merged')
      await this.#tell(
        submission,
        'NOTE',
        `${it} was approved and is merged into ${change?.target}: ${merge?.commit.slice(0, 12)}${follows ? `; ${follows}` : ''}`,
      )
    if (state === 'approved') await this.#tell(submission, 'NOTE', `${it} was approved`)
    if (state === 'expired') {
      const words = `${it} expired: nobody decided about it in time, and silence approves nothing`
      await this.#tell(submission, 'NOTE', words)
      await this.#say(
        submission,
        HUMAN,
        'NOTE',
        `${words}. agency submit --branch ${change?.branch ?? '…'}   hands it in again`,
      )
    }
    if (state === 'withdrawn')
      await this.#tell(submission, 'NOTE', `${it} is no longer handed in: ${submission.reason ?? 'withdrawn'}`)
  }

  async #tell(submission: Submission, type: string, body: string): Promise<void> {
    const others = submission.submittedBy === submission.author ? [] : [submission.submittedBy]
    await this.#say(submission, submission.author, type, body)
    for (const other of others.filter(address => address !== HUMAN)) await this.#say(submission, other, 'NOTE', body)
  }

  async #say({ id, state }: Submission, to: string, type: string, body: string): Promise<void> {
    const { publish, log } = this.parts
    const idempotencyKey = `submission:${id}:${state}:${to}:${type}`
    await publish(SYSTEM, { to, type, body, idempotencyKey }).catch((error: unknown) => {
      // Whoever is gone hears nothing; that it ended stands in the log.
      if (!(error instanceof AgencyError)) throw error
      log.warn({ submission: id, to, err: error.message }, 'nobody could be told how a submission ended')
    })
  }
}

function wordsFor(submission: Submission): Promise<string | undefined> | string | undefined {
  if (submission.state === 'returned') return returnedText(submission)
  if (submission.state === 'rejected' || submission.state === 'changes-requested') return refusedText(submission)
  if (submission.state === 'withdrawn')
    return `it was handed in, and is so no longer: ${submission.reason ?? 'withdrawn'}`
  return undefined
}
