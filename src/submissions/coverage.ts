/** Coverage of commits as it was found, so that a change of it can be told without running everything twice. Never guessed. */
import { coverageOf } from '../model/changeFacts.ts'
import type { Store } from '../storage/store.ts'
import type { Work } from './obstacles.ts'

type Marks = Pick<Store, 'mark' | 'marked'>

/** isKnown without a share: it was looked for, and its tests tell none. */
export async function coverageAt(store: Marks, commit: string): Promise<{ isKnown: boolean; share?: number }> {
  const mark = await store.marked(nameOf(commit))
  return mark ? { isKnown: true, share: Number(mark) } : { isKnown: mark !== undefined }
}

export async function rememberCoverage(store: Marks, commit: string, share: number | undefined): Promise<void> {
  await store.mark(nameOf(commit), share === undefined ? '' : String(share))
}

/** Of the merged tree: where it is file for file what was tested, the tests of the work tell of it. */
export async function rememberMerged(
  store: Marks,
  { tests, checks, mergedChecks, merge }: Work,
  isSameTree: boolean,
): Promise<void> {
  const tried = coverageOf(tests.length > 0 ? tests : checks)
  const share = (isSameTree ? tried : undefined) ?? coverageOf(mergedChecks)
  if (merge && share !== undefined) await rememberCoverage(store, merge.commit, share)
}

function nameOf(commit: string): string {
  return `coverage:${commit}`
}
