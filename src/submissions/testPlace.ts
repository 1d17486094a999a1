/** Where a commit is tried apart from whoever made it. */
import type { CheckRun } from '../model/task.ts'
import { checksIn, failureOf, inScratch, type Scratch, type ScratchParts } from './scratch.ts'

export interface TestOutcome {
  /** Where they ran, in words. */
  readonly where: string
  readonly tests: readonly CheckRun[]
  /** Why it did not pass; undefined when it did. */
  readonly problem: string | undefined
}

export interface TestPlace {
  /** Tries exactly this commit. What it needs of the machine and cannot have is an AgencyError. */
  run(tried: Scratch, signal: AbortSignal): Promise<TestOutcome>
}

/** A scratch worktree of the commit, and the agency's checks in it. TODO: the sandbox takes this place when it is there. */
export function scratchPlace(parts: ScratchParts): TestPlace {
  return {
    run: (tried, signal) =>
      inScratch(parts, tried, async folder => {
        const { agency, submission, use } = tried
        const tests = await checksIn(parts, { agency, submission, name: use, folder }, signal)
        return { where: 'a scratch worktree of that commit', tests, problem: failureOf(tests) }
      }),
  }
}
