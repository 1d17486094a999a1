/** Where a commit is tried apart from whoever made it. */
import type { Id } from '../kernel/ids.ts'
import type { CheckRun } from '../model/task.ts'
import { checksIn, failureOf, inScratch, type Scratch, type ScratchParts } from './scratch.ts'

export interface Tried extends Scratch {
  readonly submission: Id
  readonly branch?: string | undefined
  readonly title?: string | undefined
}

export interface TestOutcome {
  /** Where they ran, in words. */
  readonly where: string
  readonly tests: readonly CheckRun[]
  /** Why it did not pass; undefined when it did. */
  readonly problem: string | undefined
  /** What was done and what was not, in words. */
  readonly notes: readonly string[]
  /** Where it waits, deployed. */
  readonly sandbox?: Id
  readonly preview?: string | undefined
}

export interface TestPlace {
  /** Tries exactly this commit. What it needs of the machine and cannot have is an AgencyError. */
  run(tried: Tried, signal: AbortSignal): Promise<TestOutcome>
  /** Where its program answers just now, begun again when it rests; undefined when it has none. */
  preview(submission: Id): Promise<string | undefined>
  /** Whatever there still is of its trial goes. */
  clear(submission: Id): Promise<void>
}

/** For a project that nobody knows how to deploy: a scratch worktree of the commit, and the agency's checks in it. */
export function scratchPlace(parts: ScratchParts): TestPlace {
  return {
    async run(tried, signal) {
      const { agency, submission, use } = tried
      if ((parts.roster.definitions.get(agency)?.checks ?? []).length === 0)
        return { where: 'no place', tests: [], problem: undefined, notes: [NOTHING] }
      return inScratch(parts, tried, async folder => {
        const tests = await checksIn(parts, { agency, submission, name: use, folder, isRecorded: true }, signal)
        return { where: 'a scratch worktree of that commit', tests, problem: failureOf(tests), notes: [NO_SANDBOX] }
      })
    },
    preview: () => Promise.resolve(undefined),
    clear: () => Promise.resolve(),
  }
}

const NO_SANDBOX =
  'not deployed: no tests and no program of the project are known ("sandbox" in agency.json); its checks ran'
const NOTHING = 'nothing ran: agency.json names no "checks", and no tests of the project are known'
