/** A task: its states, the events that move it, and the total table between them. */
import type { Id } from '../kernel/ids.ts'
import type { Address } from './names.ts'

export const TASK_STATES = [
  'blocked', // waits for what it depends on, or for the end of a back-off
  'ready', // may be claimed
  'claimed', // somebody has it; nothing tells yet that they have begun
  'running',
  'awaiting-input', // its claimant needs an answer
  'verifying', // said to be done; the evidence is being gathered
  'awaiting-approval', // good, and waits for the person
  'succeeded',
  'failed', // judged bad, with no attempt left
  'dead', // never came to a judgment: too late, or interrupted too often
  'cancelled',
] as const
export type TaskState = (typeof TASK_STATES)[number]

export const TASK_EVENTS = [
  'unblock', // what it depends on is there, and no back-off runs
  'block', // something it depends on was opened again
  'claim', // somebody takes it; a new epoch
  'begin', // evidence that its claimant works on it
  'ask', // its claimant cannot go on without an answer
  'answer',
  'submit', // its claimant says that it is done
  'pass', // the evidence is good, and nothing is left to decide
  'present', // the evidence is good; a person decides
  'approve',
  'return', // judged bad: its claimant goes on with it, one attempt less
  'retry-later', // judged bad: back to the queue after a back-off, one attempt less
  'fail', // judged bad, and no attempt is left
  'interrupt', // taken away by us: the claim ran out, its program died
  'release', // given back by its claimant, or taken to be given to another
  'bury',
  'cancel',
  'reopen', // after its end: another iteration, from the beginning
] as const
export type TaskEvent = (typeof TASK_EVENTS)[number]

type Row = Readonly<Record<TaskEvent, TaskState | 'refuse'>>

const NONE: Row = {
  unblock: 'refuse',
  block: 'refuse',
  claim: 'refuse',
  begin: 'refuse',
  ask: 'refuse',
  answer: 'refuse',
  submit: 'refuse',
  pass: 'refuse',
  present: 'refuse',
  approve: 'refuse',
  return: 'refuse',
  'retry-later': 'refuse',
  fail: 'refuse',
  interrupt: 'refuse',
  release: 'refuse',
  bury: 'refuse',
  cancel: 'refuse',
  reopen: 'refuse',
}
const OPEN: Row = { ...NONE, bury: 'dead', cancel: 'cancelled' }
const HELD: Row = {
  ...OPEN,
  ask: 'awaiting-input',
  submit: 'verifying',
  'retry-later': 'blocked',
  fail: 'failed',
  interrupt: 'blocked',
  release: 'blocked',
}
const FINAL: Row = { ...NONE, reopen: 'blocked' }

// Total on purpose: a new state or event does not compile until every cell is decided. What goes back to the queue goes
// through `blocked`, and `unblock` decides: what it depends on may have been opened again meanwhile.
export const NEXT_TASK: Readonly<Record<TaskState, Row>> = {
  blocked: { ...OPEN, unblock: 'ready' },
  ready: { ...OPEN, block: 'blocked', claim: 'claimed' },
  claimed: { ...HELD, begin: 'running' },
  running: HELD,
  'awaiting-input': { ...HELD, ask: 'refuse', answer: 'running' },
  verifying: {
    ...HELD,
    ask: 'refuse',
    submit: 'refuse',
    pass: 'succeeded',
    present: 'awaiting-approval',
    return: 'running',
  },
  'awaiting-approval': { ...OPEN, approve: 'succeeded', 'retry-later': 'blocked', fail: 'failed', reopen: 'blocked' },
  succeeded: FINAL,
  failed: FINAL,
  dead: FINAL,
  cancelled: FINAL,
}

/** success: it has succeeded · done: it has come to any end · any: one of all that are marked so has succeeded. */
export const DEPENDENCY_KINDS = ['success', 'done', 'any'] as const
export type DependencyKind = (typeof DEPENDENCY_KINDS)[number]

export interface Dependency {
  readonly task: Id
  readonly on: DependencyKind
}

/** What its claimant says was made. */
export interface TaskResult {
  readonly summary: string
  /** As named: full or abbreviated hashes. */
  readonly commits: readonly string[]
  readonly files: readonly string[]
  readonly artifacts: readonly string[]
  readonly tests?: { readonly passed: number; readonly failed: number } | undefined
}

export interface TestFailure {
  readonly name: string
  readonly message: string
}

export interface CheckRun {
  /** As agency.json calls it. */
  readonly name?: string | undefined
  readonly command: string
  /** Exit status; undefined when it was ended for taking too long. */
  readonly status: number | undefined
  readonly seconds: number
  readonly log: string
  readonly tests: { readonly passed: number; readonly failed: number } | undefined
  /** Share of lines, 0 to 100, where the output tells. */
  readonly coverage: number | undefined
  /** Those that failed, by name. */
  readonly failures?: readonly TestFailure[] | undefined
  /** Where it failed: the last lines that say why. */
  readonly tail?: readonly string[] | undefined
  /** Why it has no status. */
  readonly ended?: string | undefined
  /** Recording of what it printed (asciicast). */
  readonly cast?: string | undefined
}

/** What we gathered ourselves. */
export interface Evidence {
  readonly at: number
  readonly commit: string | undefined
  /** Commits of the branch that its repository's main line has not. */
  readonly ahead: number
  readonly files: readonly string[]
  readonly checks: readonly CheckRun[]
  /** Why it does not count; empty when it does. */
  readonly problems: readonly string[]
}

/** Times are milliseconds since the epoch. */
export interface Task {
  readonly id: Id
  /** Order of adding; 0 until it is stored. */
  readonly seq: number
  /** What people call it: TASK-042. */
  readonly label: string
  readonly title: string
  readonly body: string
  /** Whose work it is; undefined while anybody with its needs may have it. */
  readonly agency: string | undefined
  /** Who is to do it; undefined when any agent of the agency with its needs may claim it. */
  readonly assignee: Address | undefined
  /** Capabilities, sorted. */
  readonly needs: readonly string[]
  readonly createdBy: Address
  readonly createdAt: number
  readonly priority: number
  readonly parent: Id | undefined
  readonly dependsOn: readonly Dependency[]
  readonly deadline: number | undefined
  readonly maxAttempts: number
  /** Minutes that a person would need, as whoever added it thinks. */
  readonly estimateMinutes?: number | undefined
  readonly state: TaskState
  readonly since: number
  readonly reason: string | undefined
  /** When it last became ready, moved forward by its priority: the smallest goes first. */
  readonly rank: number
  /** Who has it, or had it last. */
  readonly claimant: Address | undefined
  /** Grows with each claim: what was claimed before a later claim is refused. */
  readonly epoch: number
  /** Place of the present claim in the log: what was said before it is not about it. */
  readonly claimedSeq: number
  readonly leaseUntil: number | undefined
  readonly notBefore: number | undefined
  /** The message by which its claimant was given it. */
  readonly message: Id | undefined
  /** The message that says it is done. */
  readonly completion: Id | undefined
  /** Judgments that found it bad, in this iteration. */
  readonly attempts: number
  /** Times that it was taken from a claimant by no fault of the work, in this iteration. */
  readonly interruptions: number
  /** From 1; grows each time it is opened again after its end. */
  readonly iteration: number
  readonly result: TaskResult | undefined
  readonly evidence: Evidence | undefined
  /** It changed the repository, and no person has approved that. */
  readonly isUnapproved: boolean
}

export interface TaskChange {
  readonly event: TaskEvent
  readonly at: number
  readonly by: Address
  readonly reason?: string | undefined
  /** The claim that this change comes from; a later one makes it void. */
  readonly epoch?: number | undefined
  readonly claimant?: Address | undefined
  readonly leaseUntil?: number | undefined
  readonly notBefore?: number | undefined
  readonly message?: Id | undefined
  readonly completion?: Id | undefined
  readonly result?: TaskResult | undefined
  readonly evidence?: Evidence | undefined
  readonly isUnapproved?: boolean | undefined
  /** The message that made it happen. */
  readonly cause?: Id | undefined
  /** The submission whose end made it happen. */
  readonly submission?: Id | undefined
}

/** Waiting so long counts as much as one step of priority, so nothing starves. */
export const AGING_MS = 600_000
/** So many interruptions of one iteration are more than bad luck. */
export const MAX_INTERRUPTIONS = 10

const ENDED: ReadonlySet<TaskState> = new Set(['succeeded', 'failed', 'dead', 'cancelled'])
const CLAIMED: ReadonlySet<TaskState> = new Set(['claimed', 'running', 'awaiting-input', 'verifying'])

export function isEnded(state: TaskState): boolean {
  return ENDED.has(state)
}

/** Somebody has it. */
export function isHeld(state: TaskState): boolean {
  return CLAIMED.has(state)
}

/** The task after the change, or `refuse`: by the table, or because the change comes from an older claim. */
export function advanceTask(task: Task, change: TaskChange): Task | 'refuse' {
  const state = NEXT_TASK[task.state][change.event]
  if (state === 'refuse') return 'refuse'
  if (change.epoch !== undefined && change.epoch !== task.epoch) return 'refuse'
  const { event, at } = change
  return {
    ...task,
    state,
    since: at,
    // Whoever gets it again is told why.
    reason: change.reason ?? (event === 'claim' ? task.reason : undefined),
    rank: event === 'unblock' ? at - task.priority * AGING_MS : task.rank,
    claimant: event === 'claim' ? change.claimant : task.claimant,
    epoch: event === 'claim' ? task.epoch + 1 : task.epoch,
    leaseUntil: CLAIMED.has(state) ? (change.leaseUntil ?? task.leaseUntil) : undefined,
    notBefore: state === 'blocked' ? change.notBefore : undefined,
    message: event === 'claim' ? change.message : (change.message ?? task.message),
    completion: event === 'submit' ? change.completion : task.completion,
    attempts:
      event === 'reopen'
        ? 0
        : event === 'return' || event === 'retry-later' || event === 'fail'
          ? task.attempts + 1
          : task.attempts,
    interruptions: event === 'reopen' ? 0 : event === 'interrupt' ? task.interruptions + 1 : task.interruptions,
    iteration: event === 'reopen' ? task.iteration + 1 : task.iteration,
    result: change.result ?? task.result,
    evidence: change.evidence ?? task.evidence,
    isUnapproved: change.isUnapproved ?? (event === 'approve' ? false : task.isUnapproved),
  }
}

/** Whether what a task depends on lets it go; `never` when it cannot come any more, unless something is opened again. */
export function judgeDependencies(
  dependencies: readonly { readonly on: DependencyKind; readonly state: TaskState }[],
): 'met' | 'waiting' | 'never' {
  const any = dependencies.filter(({ on }) => on === 'any')
  const hasOne = any.length === 0 || any.some(({ state }) => state === 'succeeded')
  const all = dependencies.filter(({ on }) => on !== 'any')
  const isThere = ({ on, state }: { on: DependencyKind; state: TaskState }) =>
    on === 'done' ? isEnded(state) : state === 'succeeded'
  if (hasOne && all.every(isThere)) return 'met'
  const isLost = all.some(({ on, state }) => on === 'success' && isEnded(state) && state !== 'succeeded')
  const areLost = !hasOne && any.every(({ state }) => isEnded(state))
  return isLost || areLost ? 'never' : 'waiting'
}

/** When somebody has to look at it again, whatever happens or does not; undefined when only an event can move it. */
export function taskDueAt(task: Task): number | undefined {
  if (isEnded(task.state)) return undefined
  const times = [task.deadline, task.leaseUntil, task.state === 'blocked' ? task.notBefore : undefined]
  const known = times.filter(time => time !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** Where it waits to be claimed: one agent, an agency, or everybody (`*`). */
export function queueOf({ assignee, agency }: Pick<Task, 'assignee' | 'agency'>): string {
  return assignee ?? agency ?? '*'
}
