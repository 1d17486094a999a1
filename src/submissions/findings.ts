/** What doctor tells of submissions: those that were approved, and that something keeps from being merged. */
import { shortId } from '../kernel/ids.ts'
import type { Finding } from '../model/finding.ts'
import { oneLine } from '../model/sanitize.ts'
import type { Submission } from '../model/submission.ts'

export function submissionFindings(submissions: readonly Submission[]): readonly Finding[] {
  return submissions
    .filter(({ state }) => state === 'held')
    .map(({ id, title, reason = '' }) => ({
      level: 'warn',
      what: `${shortId(id)} "${oneLine(title, 60)}" is approved and not merged: ${oneLine(reason, 200)}`,
      hint: `agency approvals show ${shortId(id)}; it goes on once that is gone, or by agency approvals retry ${shortId(id)}`,
    }))
}
