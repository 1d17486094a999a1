/** Where submissions change: every change goes through here, and whoever follows them hears of it. */
import type { Id } from '../kernel/ids.ts'
import { isAtRest, type Submission, type SubmissionChange } from '../model/submission.ts'
import type { SubmissionStore } from '../storage/submissionStore.ts'

export class SubmissionBoard {
  readonly #listeners = new Set<(submission: Submission) => void>()

  constructor(private readonly store: SubmissionStore) {}

  onChange(listener: (submission: Submission) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async add(draft: Submission): Promise<Submission> {
    const submission = await this.store.addSubmission(draft)
    this.#tell(submission)
    return submission
  }

  /** Undefined when the table refuses the step from its present state. */
  async move(id: Id, change: SubmissionChange): Promise<Submission | undefined> {
    const submission = await this.store.moveSubmission(id, change)
    if (submission) this.#tell(submission)
    return submission
  }

  async settle(id: Id): Promise<void> {
    await this.store.settleSubmission(id)
  }

  /** Waits until nothing happens to it by itself any more, or the signal aborts. */
  async atRest(id: Id, signal: AbortSignal): Promise<Submission | undefined> {
    let stop = () => {}
    let abort = () => {}
    const news = new Promise<Submission | undefined>(resolve => {
      abort = () => resolve(undefined)
      stop = this.onChange(submission => {
        if (submission.id === id && isAtRest(submission)) resolve(submission)
      })
    })
    signal.addEventListener('abort', abort, { once: true })
    try {
      const now = await this.store.findSubmission(id)
      if (signal.aborted || !now || isAtRest(now)) return now
      return (await news) ?? (await this.store.findSubmission(id))
    } finally {
      stop()
      signal.removeEventListener('abort', abort)
    }
  }

  #tell(submission: Submission): void {
    for (const listener of this.#listeners) listener(submission)
  }
}
