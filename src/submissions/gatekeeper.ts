/** Checks, then tests in a place apart, then the queue: none is skipped, and what fails goes back with its output. */
import { existsSync } from 'node:fs'
import { AtMost } from '../kernel/atMost.ts'
import { AgencyError } from '../kernel/errors.ts'
import { coverageOf } from '../model/changeFacts.ts'
import { SYSTEM } from '../model/names.ts'
import type { Submission, SubmissionChange, SubmittedChange } from '../model/submission.ts'
import type { CheckRun } from '../model/task.ts'
import { coverageAt, rememberCoverage } from './coverage.ts'
import { tipOf } from './gather.ts'
import type { SubmissionParts } from './parts.ts'
import { checksIn, failureOf, inScratch } from './scratch.ts'
import { unfinished } from './unfinished.ts'

/** Each is a whole test run. */
const AT_ONCE = 2
const DAY_MS = 86_400_000

export class Gatekeeper {
  readonly #running = new Set<string>()
  readonly #slots = new AtMost(AT_ONCE)

  constructor(private readonly parts: SubmissionParts) {}

  /** Starts what waits to be checked or tested. */
  tick(open: readonly Submission[], signal: AbortSignal): void {
    for (const submission of open.filter(({ state }) => state === 'checking' || state === 'testing')) {
      if (this.#running.has(submission.id)) continue
      this.#running.add(submission.id)
      this.#slots
        .run(() => this.#take(submission, signal))
        .catch(error =>
          this.parts.log.error({ err: error, submission: submission.id }, 'a submission could not be tried'),
        )
        .finally(() => this.#running.delete(submission.id))
    }
  }

  async #take(given: Submission, signal: AbortSignal): Promise<void> {
    const submission = await this.parts.store.findSubmission(given.id)
    if (!submission || signal.aborted) return
    const checked =
      submission.state === 'checking'
        ? await this.#orReturn(submission, 'checked', () => this.#check(submission, signal), signal)
        : submission
    this.parts.reach('submission-checked')
    if (checked?.state === 'testing') await this.#orReturn(checked, 'tested', () => this.#test(checked, signal), signal)
  }

  /** Not the fault of the work, and not tried either: it does not get past. What ends with the daemon goes on with the next. */
  async #orReturn<T>(
    submission: Submission,
    what: 'checked' | 'tested',
    work: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof AgencyError)) throw error
      if (signal.aborted) return undefined
      await this.#move(submission, { event: 'return', reason: `could not be ${what}: ${error.message}` })
      return undefined
    }
  }

  async #check(submission: Submission, signal: AbortSignal): Promise<Submission | undefined> {
    const { change } = submission
    // Of a report there is nothing to run.
    if (!change) return this.#move(submission, { event: 'pass-checks' })
    const { checks, problem } = await this.#inWorktree(submission, change, signal)
    if (signal.aborted) return undefined
    if (problem === undefined) return this.#move(submission, { event: 'pass-checks', checks })
    return this.#move(submission, { event: 'return', checks, reason: problem })
  }

  async #inWorktree(
    submission: Submission,
    change: SubmittedChange,
    signal: AbortSignal,
  ): Promise<{ checks: readonly CheckRun[]; problem: string | undefined }> {
    const { git, roster } = this.parts
    const { agency, author, id } = submission
    const agent = roster.agents.get(author)
    const isThere = agent?.branch === change.branch && existsSync(agent.workdir)
    const run = (folder: string) => checksIn(this.parts, { agency, submission: id, name: 'check', folder }, signal)
    const scratch = {
      agency,
      repository: change.repository,
      commit: change.commit,
      submission: id,
      use: 'test',
    } as const
    // A branch that no agent has checked out is checked in a place of its own.
    const before = isThere ? await unfinished(git, agent.workdir, change.branch) : undefined
    if (before) return { checks: [], problem: before }
    const checks = await (isThere ? run(agent.workdir) : inScratch(this.parts, scratch, run))
    const isSame = (await tipOf(git, change.repository, change.branch)) === change.commit
    const moved = isSame ? undefined : 'its branch moved while it was checked: nothing is known of the new commit'
    return { checks, problem: failureOf(checks) ?? moved }
  }

  async #test(submission: Submission, signal: AbortSignal): Promise<void> {
    const { testPlace } = this.parts
    const { change, agency, id } = submission
    if (!change) return void (await this.#queue(submission, {}))
    const { repository, commit, branch } = change
    const tried = { agency, repository, commit, branch, title: submission.title, submission: id }
    const outcome = await testPlace.run({ ...tried, use: 'test' }, signal)
    if (signal.aborted) return
    const { tests, where: testedIn, problem, notes, sandbox, preview } = outcome
    const found = { tests, testedIn, notes, sandbox, preview }
    if (problem !== undefined)
      return void (await this.#move(submission, { ...found, event: 'return', reason: `tests: ${problem}` }))
    const coverageBefore = await this.#coverageBefore(submission, change, coverageOf(tests), signal)
    if (signal.aborted) return
    // Taken back while it was tried: nobody waits for it any more.
    if (!(await this.#queue(submission, { ...found, coverageBefore }))) await testPlace.clear(id)
  }

  /** Of the commit that it began from: remembered, of the approved work that was merged as it too, or found by a run of its own when the change tells its coverage. */
  async #coverageBefore(
    { agency, id }: Submission,
    { base, repository }: SubmittedChange,
    now: number | undefined,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { store, testPlace } = this.parts
    if (now === undefined) return undefined
    const { isKnown, share } = await coverageAt(store, base)
    if (isKnown) return share
    const tried = { agency, repository, commit: base, submission: id, use: 'base' } as const
    const outcome = await testPlace.run(tried, signal).catch(() => undefined)
    if (signal.aborted) return undefined
    const found = outcome && coverageOf(outcome.tests)
    await rememberCoverage(store, base, found)
    return found
  }

  #queue(submission: Submission, found: Partial<SubmissionChange>): Promise<Submission | undefined> {
    const { clock, settings } = this.parts
    const expiresAt = clock.now() + settings.approvals.expire * DAY_MS
    return this.#move(submission, { ...found, event: 'pass-tests', expiresAt })
  }

  #move(
    submission: Submission,
    change: Pick<SubmissionChange, 'event'> & Partial<SubmissionChange>,
  ): Promise<Submission | undefined> {
    return this.parts.board.move(submission.id, { at: this.parts.clock.now(), by: SYSTEM, ...change })
  }
}
