/** PORT, the part about submissions: each method is one transaction with its work unit. */
import type { Id } from '../kernel/ids.ts'
import type { Address } from '../model/names.ts'
import type { Submission, SubmissionChange, SubmissionState } from '../model/submission.ts'

export interface SubmissionFilter {
  readonly agency?: string | undefined
  readonly author?: Address | undefined
  readonly task?: Id | undefined
  readonly cause?: Id | undefined
  readonly branch?: string | undefined
  readonly states?: readonly SubmissionState[] | undefined
  /** Only those in which nobody was told the end yet: open ones, and those that have just ended. */
  readonly isUnsettled?: boolean | undefined
  /** Whose merge commit this is. */
  readonly mergeCommit?: string | undefined
}

export interface SubmissionStore {
  addSubmission(submission: Submission): Promise<Submission>
  /** Moves it by the table of `model/submission.ts`. Undefined when the table refuses the step from its present state. */
  moveSubmission(id: Id, change: SubmissionChange): Promise<Submission | undefined>
  /** Whoever is concerned knows its end. */
  settleSubmission(id: Id): Promise<void>
  /** By id or short id. AgencyError('CONFLICT') when it fits several. */
  findSubmission(idOrShort: string): Promise<Submission | undefined>
  /** Newest last. */
  submissions(filter: SubmissionFilter, limit: number): Promise<readonly Submission[]>
}
