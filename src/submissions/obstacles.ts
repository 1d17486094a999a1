/** What stands in the way of a merge, and can be looked at without making one. */
import { ignoresCase } from '../locks/repository.ts'
import { filesOf } from '../model/commitGate.ts'
import { HUMAN } from '../model/names.ts'
import type { Submission, SubmittedChange } from '../model/submission.ts'
import type { SubmissionParts } from './parts.ts'
import { commonDirOf } from './repository.ts'
import { obstacleAt } from './target.ts'

export type Work = Submission & { readonly change: SubmittedChange }

export function isChange(submission: Submission): submission is Work {
  return submission.change !== undefined
}

/** In words; undefined when nothing is. */
export async function obstacleTo(parts: SubmissionParts, work: Work): Promise<string | undefined> {
  const { repository, target, facts } = work.change
  const files = facts.files.map(({ path }) => path)
  return (await obstacleAt(parts.git, { repository, target, files })) ?? leaseOn(parts, work)
}

/** Leases of others on what it changes; the person's own stand in nobody's way who is approved by the person. */
export async function leaseOn(
  { git, locks }: Pick<SubmissionParts, 'git' | 'locks'>,
  { author, change }: Work,
): Promise<string | undefined> {
  const commonDir = await commonDirOf(git, change.repository)
  const files = filesOf({ commonDir, files: change.facts.files.map(({ path }) => path) }, ignoresCase(commonDir))
  const { held } = await locks.check(files, author)
  const [first] = held.filter(({ lock }) => lock.owner !== HUMAN)
  return first && `${first.on.path} is under a lease of ${first.lock.owner}: agency lock list`
}
