/** A submission: finished work on its way to the person's decision; its states, the events that move it, and the total table between them. */
import type { Id } from '../kernel/ids.ts'
import { type Address, HUMAN } from './names.ts'
import type { CheckRun } from './task.ts'

export const SUBMISSION_STATES = [
  'checking', // its agency's checks run in the agent's worktree
  'testing', // they run again in a place apart, on exactly this commit
  'waiting', // for the person
  'approved', // a report ends here; a change is merged next
  'merging',
  'held', // approved, and something is in the way of its merge: it goes on when that is gone, or the person decides otherwise
  'merged',
  'returned', // did not pass: back with whoever made it
  'rejected',
  'changes-requested',
  'expired',
  'withdrawn', // taken back, or no longer what its branch holds
] as const
export type SubmissionState = (typeof SUBMISSION_STATES)[number]

export const SUBMISSION_EVENTS = [
  'pass-checks',
  'pass-tests',
  'return', // checks or tests failed
  'approve',
  'reject',
  'request-changes',
  'begin-merge',
  'prepare', // the merge commit is made, and its checks pass; the target has not moved yet
  'finish', // the target holds the merge commit
  'hold', // something is in the way that the person can move
  'resume', // it is out of the way, or worth another try: the approval that there is holds
  'requeue', // the target has moved on: not clean any more, or red
  'expire',
  'withdraw', // by whoever handed it in, or the person
  'void', // its branch holds something else by now
] as const
export type SubmissionEvent = (typeof SUBMISSION_EVENTS)[number]

type Row = Readonly<Record<SubmissionEvent, SubmissionState | 'refuse'>>

const NONE: Row = {
  'pass-checks': 'refuse',
  'pass-tests': 'refuse',
  return: 'refuse',
  approve: 'refuse',
  reject: 'refuse',
  'request-changes': 'refuse',
  'begin-merge': 'refuse',
  prepare: 'refuse',
  finish: 'refuse',
  hold: 'refuse',
  resume: 'refuse',
  requeue: 'refuse',
  expire: 'refuse',
  withdraw: 'refuse',
  void: 'refuse',
}
const GATE: Row = { ...NONE, return: 'returned', withdraw: 'withdrawn', void: 'withdrawn' }
const QUEUE: Row = {
  ...NONE,
  approve: 'approved',
  reject: 'rejected',
  'request-changes': 'changes-requested',
  expire: 'expired',
  withdraw: 'withdrawn',
  void: 'withdrawn',
}

// Total on purpose: a new state or event does not compile until every cell is decided. Nothing skips a state of the gate, and
// nobody but the merger moves what is being merged.
export const NEXT_SUBMISSION: Readonly<Record<SubmissionState, Row>> = {
  checking: { ...GATE, 'pass-checks': 'testing' },
  testing: { ...GATE, 'pass-tests': 'waiting' },
  waiting: QUEUE,
  approved: { ...NONE, 'begin-merge': 'merging', withdraw: 'withdrawn', void: 'withdrawn' },
  merging: { ...NONE, prepare: 'merging', finish: 'merged', hold: 'held', requeue: 'waiting', void: 'withdrawn' },
  held: { ...QUEUE, resume: 'approved' },
  merged: NONE,
  returned: NONE,
  rejected: NONE,
  'changes-requested': NONE,
  expired: NONE,
  withdrawn: NONE,
}

export interface ChangedFile {
  readonly path: string
  /** Undefined in a binary file. */
  readonly insertions: number | undefined
  readonly deletions: number | undefined
}

/** What we gathered ourselves of a change: nothing in it is what an agent says. */
export interface ChangeFacts {
  readonly commits: readonly { readonly hash: string; readonly author: string; readonly subject: string }[]
  readonly files: readonly ChangedFile[]
  readonly insertions: number
  readonly deletions: number
  /** Of those files, what is read and not run. */
  readonly documents: readonly string[]
  /** Why somebody should look twice, in words; empty when nothing speaks for it. */
  readonly risks: readonly string[]
}

/** The work itself: a commit of a branch, which is never anything else afterwards. */
export interface SubmittedChange {
  readonly repository: string
  readonly branch: string
  readonly commit: string
  /** Branch that it is to be merged into. */
  readonly target: string
  /** Where the branch left the target: the diff is from here to the commit. */
  readonly base: string
  readonly facts: ChangeFacts
}

export interface Decision {
  readonly kind: 'approve' | 'reject' | 'request-changes'
  readonly by: Address
  readonly at: number
  readonly words: string | undefined
  readonly commit: string | undefined
  readonly digest: string
}

/** Times are milliseconds since the epoch. */
export interface Submission {
  readonly id: Id
  /** Order of handing in; 0 until it is stored. */
  readonly seq: number
  readonly agency: string
  /** Whose work it is: always an agent. It never decides. */
  readonly author: Address
  /** Who handed it in: the author, its coordinator, or the person in its place. */
  readonly submittedBy: Address
  readonly createdAt: number
  readonly title: string
  /** What its author says of it; of a report, the report. */
  readonly summary: string
  readonly demo: string | undefined
  /** `Build time: 8 min → 3 min`, as its author says. */
  readonly measures: readonly string[]
  /** Undefined for a report. */
  readonly change: SubmittedChange | undefined
  /** SHA-256 of the whole diff; of a report, of its title and words. */
  readonly digest: string
  readonly task: Id | undefined
  readonly iteration: number | undefined
  /** Messages that led here. */
  readonly conversation: readonly Id[]
  /** The message that handed it in. */
  readonly cause: Id | undefined
  /** What was handed in of the same branch before, and its commit: what changed since is the diff between the two. */
  readonly previous:
    | { readonly id: Id; readonly commit: string | undefined; readonly state?: SubmissionState | undefined }
    | undefined
  readonly state: SubmissionState
  readonly since: number
  readonly reason: string | undefined
  /** When silence ends it; only while it waits for the person. */
  readonly expiresAt: number | undefined
  readonly checks: readonly CheckRun[]
  readonly tests: readonly CheckRun[]
  /** Where the tests ran, in words. */
  readonly testedIn: string | undefined
  /** What was done to try it, and what was not, in words. */
  readonly notes: readonly string[]
  /** Where it is deployed and waits. */
  readonly sandbox: Id | undefined
  /** Where its program answered when it was put there. */
  readonly preview: string | undefined
  /** Share of covered lines of the target, where it is known. */
  readonly coverageBefore: number | undefined
  /** Of the merged tree. */
  readonly mergedChecks: readonly CheckRun[]
  /** The one that holds; what goes back to the person has none any more. */
  readonly decision: Decision | undefined
  /** What holds it: the place where the target is checked out, a lease, or something that only another try can tell of. */
  readonly obstacle: Obstacle | undefined
  /** Made and checked; the target holds it once `merged`. */
  readonly merge: { readonly commit: string; readonly onto: string } | undefined
  /** Whoever is concerned was told how it ended, and its task moved. */
  readonly isSettled: boolean
}

export type Obstacle = 'target' | 'lease' | 'other'

export interface SubmissionChange {
  readonly event: SubmissionEvent
  readonly at: number
  readonly by: Address
  readonly reason?: string | undefined
  /** Only from this state: whoever asks has looked, and it may have moved on since. */
  readonly from?: SubmissionState | undefined
  /** Of a decision: exactly what it is about. */
  readonly commit?: string | undefined
  readonly digest?: string | undefined
  readonly expiresAt?: number | undefined
  readonly checks?: readonly CheckRun[] | undefined
  readonly tests?: readonly CheckRun[] | undefined
  readonly testedIn?: string | undefined
  readonly notes?: readonly string[] | undefined
  readonly sandbox?: Id | undefined
  readonly preview?: string | undefined
  readonly coverageBefore?: number | undefined
  readonly mergedChecks?: readonly CheckRun[] | undefined
  readonly merge?: Submission['merge']
  readonly obstacle?: Obstacle | undefined
  /** Of `requeue`: merged, it did not pass. Nothing is said against work that the target has moved away from. */
  readonly isRed?: boolean | undefined
}

const DECISIONS: ReadonlySet<string> = new Set(['approve', 'reject', 'request-changes'])
const WAITS_FOR_PERSON: ReadonlySet<SubmissionState> = new Set(['waiting', 'held'])
const UNDER_WAY: ReadonlySet<SubmissionState> = new Set(['checking', 'testing', 'approved', 'merging'])

/** By this name git keeps its commit from its own tidying, for as long as its evidence is kept. */
export function keptRef(id: string): string {
  return `refs/agency/submissions/${id}`
}

/** A report ends with its approval: there is nothing to merge. */
export function isOver({ state, change }: Pick<Submission, 'state' | 'change'>): boolean {
  return !WAITS_FOR_PERSON.has(state) && (!UNDER_WAY.has(state) || (state === 'approved' && change === undefined))
}

export function waitsForPerson({ state }: Pick<Submission, 'state'>): boolean {
  return WAITS_FOR_PERSON.has(state)
}

/** Nothing happens to it by itself just now. */
export function isAtRest(submission: Pick<Submission, 'state' | 'change'>): boolean {
  return waitsForPerson(submission) || isOver(submission)
}

/** The submission after the change, or `refuse`. */
export function advanceSubmission(submission: Submission, change: SubmissionChange): Submission | 'refuse' {
  const { event, at, by } = change
  const state = NEXT_SUBMISSION[submission.state][event]
  if (state === 'refuse' || isOver(submission)) return 'refuse'
  if (change.from !== undefined && change.from !== submission.state) return 'refuse'
  const isDecision = DECISIONS.has(event)
  if (isDecision && !mayDecide(submission, change)) return 'refuse'
  if ((event === 'begin-merge' || event === 'resume') && submission.decision?.kind !== 'approve') return 'refuse'
  if (event === 'prepare' && !change.merge) return 'refuse'
  if (event === 'finish' && !submission.merge) return 'refuse'
  if (event === 'resume' && (by === submission.author || (submission.expiresAt ?? at) < at)) return 'refuse'
  if (event === 'expire' && (submission.expiresAt === undefined || submission.expiresAt > at)) return 'refuse'
  const { commit, digest } = { commit: submission.change?.commit, digest: submission.digest }
  return {
    ...submission,
    state,
    since: at,
    reason: change.reason,
    expiresAt: WAITS_FOR_PERSON.has(state) ? change.expiresAt : undefined,
    checks: change.checks ?? submission.checks,
    tests: change.tests ?? submission.tests,
    testedIn: change.testedIn ?? submission.testedIn,
    notes: change.notes ?? submission.notes,
    sandbox: change.sandbox ?? submission.sandbox,
    preview: change.preview ?? submission.preview,
    coverageBefore: change.coverageBefore ?? submission.coverageBefore,
    mergedChecks: change.mergedChecks ?? submission.mergedChecks,
    decision: isDecision
      ? { kind: event as Decision['kind'], by, at, words: change.reason, commit, digest }
      : state === 'waiting'
        ? undefined
        : submission.decision,
    obstacle: event === 'hold' ? change.obstacle : undefined,
    merge: event === 'prepare' ? change.merge : event === 'finish' ? submission.merge : undefined,
  }
}

/** The person, about exactly this, and never about work of their own. */
function mayDecide({ author, change: work, digest }: Submission, { by, ...said }: SubmissionChange): boolean {
  return by === HUMAN && by !== author && said.commit === work?.commit && said.digest === digest
}
