/** What the person has approved is merged: exactly that commit, checked again on the merged tree, and the target moves once. */
import { AgencyError } from '../kernel/errors.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import { SYSTEM } from '../model/names.ts'
import { oneLine } from '../model/sanitize.ts'
import type { Submission, SubmissionChange } from '../model/submission.ts'
import type { CheckRun } from '../model/task.ts'
import { diffDigest } from './diff.ts'
import { tipOf } from './gather.ts'
import { isChange, leaseOn, type Work } from './obstacles.ts'
import type { SubmissionParts } from './parts.ts'
import { treeOf } from './repository.ts'
import { checksIn, failureOf, inScratch } from './scratch.ts'
import { advanceTarget, holds } from './target.ts'
import type { TestOutcome } from './testPlace.ts'
import { mergeMessage } from './words.ts'

const DAY_MS = 86_400_000
/** A target that moves on under us so often is merged into by somebody else all the time. */
const TRIES = 5

type Made =
  | { readonly kind: 'made'; readonly commit: string; readonly checks: readonly CheckRun[] }
  | { readonly kind: 'clash'; readonly reason: string }
  | { readonly kind: 'red'; readonly reason: string; readonly checks: readonly CheckRun[] }

export class Merger {
  readonly #running = new Set<string>()
  /** One merge into a branch at a time: the next is checked with what the one before brought. */
  readonly #targets = new KeyedLock()

  constructor(private readonly parts: SubmissionParts) {}

  /** Starts what is approved, and goes on with what a daemon before this one had begun. */
  tick(open: readonly Submission[], signal: AbortSignal): void {
    const approved = open.filter(({ state }) => state === 'approved' || state === 'merging')
    for (const submission of approved.filter(isChange)) {
      if (this.#running.has(submission.id)) continue
      this.#running.add(submission.id)
      const { repository, target } = submission.change
      this.#targets
        .run(`${repository}\0${target}`, () => this.#take(submission, signal))
        .catch(error =>
          this.parts.log.error({ err: error, submission: submission.id }, 'a submission could not be merged'),
        )
        .finally(() => this.#running.delete(submission.id))
    }
  }

  async #take({ id }: Submission, signal: AbortSignal): Promise<void> {
    const found = await this.parts.store.findSubmission(id)
    if (!found || !isChange(found) || signal.aborted) return
    const begun = found.state === 'approved' ? await this.#begin(found) : found
    if (begun?.state !== 'merging' || !isChange(begun)) return
    // Whoever was killed in between: the target knows whether it was done.
    if (begun.merge && (await holds(this.parts.git, begun.change, begun.merge.commit)))
      return void (await this.#move(begun, { event: 'finish' }))
    try {
      await this.#merge(begun, signal)
    } catch (error) {
      if (!(error instanceof AgencyError)) throw error
      // What ends with the daemon goes on with the next.
      if (signal.aborted) return
      await this.#back(begun, { event: 'hold', obstacle: 'other', reason: error.message })
    }
  }

  /** Nothing else than what was decided about. */
  async #begin(submission: Work): Promise<Submission | undefined> {
    const { git } = this.parts
    const { repository, branch, commit, base } = submission.change
    const isSame = (await tipOf(git, repository, branch)) === commit
    const digest = isSame ? await diffDigest(repository, base, commit) : ''
    if (digest !== submission.digest)
      return this.#move(submission, { event: 'void', reason: `${branch} is no longer what was approved` })
    const begun = await this.#move(submission, { event: 'begin-merge' })
    this.parts.reach('merge-begun')
    return begun
  }

  async #merge(submission: Work, signal: AbortSignal): Promise<void> {
    const { git } = this.parts
    const { change } = submission
    for (let tries = 0; tries < TRIES; tries++) {
      const onto = await tipOf(git, change.repository, change.target)
      if (onto === undefined)
        return this.#back(submission, {
          ...{ event: 'hold', obstacle: 'other', reason: `there is no branch ${change.target} any more` },
        })
      const leased = await leaseOn(this.parts, submission)
      if (leased) return this.#back(submission, { event: 'hold', obstacle: 'lease', reason: leased })
      const made = await this.#make(submission, onto, signal)
      if (signal.aborted) return
      if (made.kind === 'clash')
        return this.#back(submission, { event: 'requeue', reason: made.reason, mergedChecks: [] })
      if (made.kind === 'red')
        return this.#back(submission, {
          ...{ event: 'requeue', isRed: true, reason: made.reason, mergedChecks: made.checks },
        })
      this.parts.reach('merge-made')
      const merge = { commit: made.commit, onto }
      if (!(await this.#move(submission, { event: 'prepare', merge, mergedChecks: made.checks }))) return
      this.parts.reach('merge-prepared')
      if ((await this.#advance(submission, merge)) === 'done') return
    }
    await this.#back(submission, {
      event: 'requeue',
      reason: `${change.target} moved on ${TRIES} times while it was merged`,
    })
  }

  async #advance(submission: Work, merge: { commit: string; onto: string }): Promise<'done' | 'again'> {
    const { git, reach } = this.parts
    const { repository, target, branch, commit } = submission.change
    const approved = { branch, commit }
    const done = await advanceTarget(git, { repository, target, from: merge.onto, to: merge.commit, approved })
    if (done.kind === 'advanced') {
      reach('merge-advanced')
      await this.#move(submission, { event: 'finish' })
      reach('merge-recorded')
      return 'done'
    }
    if (done.kind === 'held') {
      await this.#back(submission, { event: 'hold', obstacle: 'target', reason: done.reason })
      return 'done'
    }
    if ((await tipOf(git, repository, branch)) === commit) return 'again'
    await this.#move(submission, { event: 'void', reason: `${branch} moved while it was merged` })
    return 'done'
  }

  /** The approved commit stays as it is and becomes a parent; it is never rebased. */
  #make({ id, agency, change, ...rest }: Work, onto: string, signal: AbortSignal): Promise<Made> {
    const { git } = this.parts
    const { repository, commit, branch, target } = change
    return inScratch(this.parts, { agency, repository, commit: onto, submission: id, use: 'merge' }, async folder => {
      const identity = (await git.try(folder, ['config', 'user.email'])).ok
        ? []
        : ['-c', 'user.name=Agency', '-c', 'user.email=agency@localhost']
      const words = mergeMessage({ id, branch, target, ...rest })
      const options = [
        '-c',
        'commit.gpgSign=false',
        '-c',
        'rerere.enabled=false',
        '-c',
        'merge.renames=true',
        ...identity,
      ]
      const merged = await git.try(folder, [
        ...options,
        'merge',
        '--no-ff',
        '--no-edit',
        '--quiet',
        '-m',
        words,
        commit,
      ])
      if (!merged.ok) return { kind: 'clash', reason: await this.#conflict(folder, target, merged.output) }
      const head = (await git.run(folder, ['rev-parse', 'HEAD'])).trim()
      // The target held it already: by somebody else's hand, which the watch over it tells of.
      if (head === onto) return { kind: 'made', commit: onto, checks: [] }
      const checks = await checksIn(this.parts, { agency, submission: id, name: 'merged', folder }, signal)
      const failed = failureOf(checks)
      if (failed) return { kind: 'red', checks, reason: `merged into ${target}, ${failed}` }
      const { tests, problem } = await this.#tryAgain({ id, agency, change, sandbox: rest.sandbox }, head, signal)
      const all = [...checks, ...tests]
      if (problem) return { kind: 'red', checks: all, reason: `merged into ${target}, ${problem}` }
      return { kind: 'made', commit: head, checks: all }
    })
  }

  /** Where the target has not moved on, the merged tree is file for file what was tested: that is not done twice. */
  async #tryAgain(
    { id, agency, change, sandbox }: Pick<Work, 'id' | 'agency' | 'change' | 'sandbox'>,
    merged: string,
    signal: AbortSignal,
  ): Promise<Pick<TestOutcome, 'tests' | 'problem'>> {
    const { git, testPlace } = this.parts
    const { repository, commit } = change
    const isSame = (await treeOf(git, repository, merged)) === (await treeOf(git, repository, commit))
    if (sandbox === undefined || isSame || signal.aborted) return { tests: [], problem: undefined }
    return testPlace.run({ agency, repository, commit: merged, submission: id, use: 'merge' }, signal)
  }

  async #conflict(folder: string, target: string, output: string): Promise<string> {
    const unmerged = await this.parts.git.try(folder, ['diff', '--name-only', '--diff-filter=U', '-z'])
    const files = unmerged.ok ? unmerged.output.split('\0').filter(Boolean) : []
    if (files.length === 0) return `it does not merge into ${target}: ${oneLine(output, 200) || 'git refuses'}`
    return `${target} has moved on, and it does not merge: ${files.slice(0, 5).join(', ')}`
  }

  /** To the person, who decides anew, or moves what is in the way. */
  async #back(
    submission: Submission,
    change: Pick<SubmissionChange, 'event' | 'reason' | 'mergedChecks' | 'obstacle' | 'isRed'>,
  ): Promise<void> {
    const expiresAt = this.parts.clock.now() + this.parts.settings.approvals.expire * DAY_MS
    await this.#move(submission, { ...change, expiresAt })
  }

  #move(
    submission: Submission,
    change: Pick<SubmissionChange, 'event'> & Partial<SubmissionChange>,
  ): Promise<Submission | undefined> {
    return this.parts.board.move(submission.id, { at: this.parts.clock.now(), by: SYSTEM, ...change })
  }
}
