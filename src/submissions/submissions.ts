/** Finished work as people see it: handed in, looked at, decided about. Only the person decides. */
import { onlyPerson } from '../agencies/authority.ts'
import { AgencyError } from '../kernel/errors.ts'
import { shortId } from '../kernel/ids.ts'
import type { JsonValue } from '../kernel/json.ts'
import { coverageOf, sumTests } from '../model/changeFacts.ts'
import type { Address } from '../model/names.ts'
import { risksOfSubmission } from '../model/risk.ts'
import { oneLine } from '../model/sanitize.ts'
import { type Decision, isOver, type Submission, waitsForPerson } from '../model/submission.ts'
import type { Unit } from '../model/unit.ts'
import type { SubmissionFilter } from '../storage/submissionStore.ts'
import { type Demo, demoOf, readRecording } from './demo.ts'
import { diffDigest, diffText } from './diff.ts'
import { tipOf } from './gather.ts'
import type { HandedIn, HandIn } from './handIn.ts'
import { readOutputs } from './outputs.ts'
import type { SubmissionParts } from './parts.ts'
import { mayWithdraw } from './rights.ts'

export interface Wanted {
  readonly kind: Decision['kind']
  readonly words?: string | undefined
  /** What whoever decides has seen. */
  readonly commit?: string | undefined
}

const MAX_DIFF_BYTES = 20_000_000
const QUEUE_LIMIT = 5_000

export class Submissions {
  constructor(
    private readonly parts: SubmissionParts,
    private readonly handIn: HandIn,
  ) {}

  submit(caller: Address, wish: HandedIn): Promise<Submission> {
    return this.handIn.submit(caller, wish)
  }

  list(filter: SubmissionFilter, limit: number): Promise<readonly Submission[]> {
    if (filter.agency !== undefined) this.parts.roster.agency(filter.agency)
    return this.parts.store.submissions(filter, limit)
  }

  async find(idOrShort: string): Promise<Submission> {
    const found = await this.parts.store.findSubmission(idOrShort)
    if (found) return found
    throw new AgencyError('NOT_FOUND', `there is no submission ${JSON.stringify(idOrShort.slice(0, 60))}`, {
      hint: 'agency approvals list --all',
    })
  }

  /** With everything that happened to it. */
  async story(idOrShort: string): Promise<{ submission: Submission; events: readonly Unit[] }> {
    const submission = await this.find(idOrShort)
    return { submission, events: await this.parts.store.units({ subject: submission.id }, 1000) }
  }

  /** `sincePrevious`: only what changed since it was handed in before. */
  async diff(
    idOrShort: string,
    { sincePrevious }: { sincePrevious: boolean },
  ): Promise<{ text: string; isCut: boolean }> {
    const { change, previous, id } = await this.find(idOrShort)
    if (!change)
      throw new AgencyError('CONFLICT', `${shortId(id)} is a report, and has no diff`, {
        hint: `agency approvals show ${shortId(id)}`,
      })
    if (sincePrevious && previous?.commit === undefined)
      throw new AgencyError('CONFLICT', `${shortId(id)} is the first of its branch`, {
        hint: `agency approvals diff ${shortId(id)}`,
      })
    const from = sincePrevious ? previous!.commit! : change.base
    return diffText(change.repository, { from, to: change.commit }, MAX_DIFF_BYTES)
  }

  /** How it can be seen at work. */
  async demo(caller: Address, idOrShort: string): Promise<Demo> {
    onlyPerson(caller, 'ask for a demo')
    return demoOf(this.parts, await this.find(idOrShort))
  }

  /** The recording itself (asciicast v2). */
  async recording(idOrShort: string): Promise<{ file: string; text: string }> {
    return readRecording(await this.find(idOrShort))
  }

  /** The ends of what its commands printed, by the paths of their logs. */
  async outputs(idOrShort: string): Promise<Readonly<Record<string, string>>> {
    return readOutputs(await this.find(idOrShort))
  }

  /** AgencyError: NOT_ALLOWED for everybody but the person; CONFLICT when it is not to be decided, or is not what was seen. */
  async decide(caller: Address, idOrShort: string, { kind, words, commit }: Wanted): Promise<Submission> {
    onlyPerson(caller, 'decide about finished work')
    const submission = await this.find(idOrShort)
    const { id, change, digest } = submission
    if (!waitsForPerson(submission)) throw notOpen(submission)
    if (commit !== undefined && !(change?.commit.startsWith(commit) && commit.length >= 7))
      throw new AgencyError('CONFLICT', `${shortId(id)} is commit ${change?.commit.slice(0, 12)}, and not ${commit}`, {
        hint: `agency approvals show ${shortId(id)}`,
      })
    await this.#refuseMoved(submission)
    const decided = await this.parts.board.move(id, {
      ...{ event: kind, at: this.parts.clock.now(), by: caller, reason: words, from: submission.state },
      ...{ commit: change?.commit, digest },
    })
    if (decided) return decided
    throw notOpen(await this.find(id))
  }

  /** Another try at merging what was approved and is held. AgencyError('CONFLICT') when it is not held. */
  async retry(caller: Address, idOrShort: string): Promise<Submission> {
    onlyPerson(caller, 'decide about finished work')
    const { id } = await this.find(idOrShort)
    const change = { event: 'resume', at: this.parts.clock.now(), by: caller, reason: 'tried again' } as const
    const resumed = await this.parts.board.move(id, change)
    if (resumed) return resumed
    throw notOpen(await this.find(id))
  }

  async withdraw(caller: Address, idOrShort: string, why: string | undefined): Promise<Submission> {
    const submission = await this.find(idOrShort)
    mayWithdraw(this.parts.roster, caller, submission)
    const reason = why ?? `by ${caller}`
    const change = { event: 'withdraw', at: this.parts.clock.now(), by: caller, reason } as const
    const withdrawn = await this.parts.board.move(submission.id, change)
    if (withdrawn) return withdrawn
    throw notOpen(await this.find(submission.id))
  }

  /** Until nothing happens to it by itself any more. */
  async settled(idOrShort: string, signal: AbortSignal): Promise<Submission> {
    const { id } = await this.find(idOrShort)
    return (await this.parts.board.atRest(id, signal)) ?? this.find(id)
  }

  onChange(listener: (submission: Submission) => void): () => void {
    return this.parts.board.onChange(listener)
  }

  /** What registry/approval_queue.json holds. */
  async queue(): Promise<JsonValue[]> {
    const open = await this.parts.store.submissions({ isUnsettled: true }, QUEUE_LIMIT)
    return open.filter(submission => !isOver(submission)).map(queueItem)
  }

  /** A branch that was amended, moved or deleted meanwhile is not what waits for a decision. */
  async #refuseMoved({ id, change, digest, state: from }: Submission): Promise<void> {
    if (!change) return
    const { git, board, clock } = this.parts
    const { repository, branch, commit, base } = change
    const isSame = (await tipOf(git, repository, branch)) === commit
    if (isSame && (await diffDigest(repository, base, commit)) === digest) return
    const reason = `${branch} is no longer commit ${commit.slice(0, 12)}`
    await board.move(id, { event: 'void', at: clock.now(), by: 'system', from, reason })
    throw new AgencyError('CONFLICT', `${shortId(id)} cannot be decided about: ${reason}`, {
      hint: `agency submit --branch ${branch}   hands in what it is now`,
    })
  }
}

function notOpen({ id, state, reason, decision }: Submission): AgencyError {
  const who = decision ? ` by ${decision.by}` : ''
  return new AgencyError(
    'CONFLICT',
    `${shortId(id)} does not wait for a decision: it is ${state}${who}${reason ? ` (${oneLine(reason, 200)})` : ''}`,
    {
      hint: `agency approvals show ${shortId(id)}`,
    },
  )
}

function queueItem(submission: Submission): JsonValue {
  const { id, agency, author, title, change, checks, tests, state, since, reason, expiresAt, demo, coverageBefore } =
    submission
  const runs = tests.length > 0 ? tests : checks
  const counted = sumTests(runs)
  return {
    ...{ id, agency, author, title: oneLine(title, 120), state, since: new Date(since).toISOString() },
    branch: change?.branch ?? null,
    commit: change?.commit ?? null,
    target: change?.target ?? null,
    digest: submission.digest,
    tests: counted ? { passed: counted.passed, failed: counted.failed } : null,
    coverage: coverageOf(runs) ?? null,
    coverageBefore: coverageBefore ?? null,
    files: change?.facts.files.length ?? 0,
    insertions: change?.facts.insertions ?? 0,
    deletions: change?.facts.deletions ?? 0,
    risks: [...risksOfSubmission(submission)],
    demo: submission.preview ?? demo ?? null,
    reason: reason === undefined ? null : oneLine(reason, 200),
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    task: submission.task ?? null,
  }
}
