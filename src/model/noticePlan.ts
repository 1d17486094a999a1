/** When a way of notifying the person tells what: many things at once are one notice, quiet hours hold, a failure waits. Pure. */
import type { Notice } from './notice.ts'

/** How far a way is: order numbers of the log, times since the epoch. */
export interface WayState {
  /** Everything up to here is told, or needs not be. */
  readonly done: number
  /** Told before others that are held: urgent ones in quiet hours. */
  readonly passed: readonly number[]
  readonly sentAt: number | undefined
  /** Since the last that went well. */
  readonly failures: number
  readonly notBefore: number
}

export interface NoticeRules {
  /** Whether quiet hours hold this way. */
  readonly isHeldInQuiet: boolean
  readonly isQuiet: (at: number) => boolean
  readonly isUrgent: (notice: Notice) => boolean
}

/** What comes within it is told together. */
export const GATHER_MS = 1_000
/** Between two notices at least, so that a flood is one every so often. Urgent ones do not wait for it. */
export const GAP_MS = 5_000
/** What could not be told for so long is told no more. */
export const GIVE_UP_MS = 86_400_000

export function startWay(done: number): WayState {
  return { done, passed: [], sentAt: undefined, failures: 0, notBefore: 0 }
}

/** What a way tells now, as one notice. Nothing: it waits, or there is nothing. */
export function planWay(
  state: WayState,
  pending: readonly Notice[],
  now: number,
  rules: NoticeRules,
): readonly Notice[] {
  const open = pending.filter(notice => !isTold(state, notice))
  const ready = rules.isHeldInQuiet && rules.isQuiet(now) ? open.filter(rules.isUrgent) : open
  const [first] = ready
  if (first === undefined || now < state.notBefore) return []
  if (isWithin(now - first.at, GATHER_MS)) return []
  const isTooSoon = state.sentAt !== undefined && isWithin(now - state.sentAt, GAP_MS)
  return isTooSoon && !ready.some(rules.isUrgent) ? [] : ready
}

/** Whether some of it was held by quiet hours, which are over. */
export function isSummary(notices: readonly Notice[], now: number, rules: NoticeRules): boolean {
  if (!rules.isHeldInQuiet || rules.isQuiet(now)) return false
  return notices.some(notice => rules.isQuiet(notice.at) && !rules.isUrgent(notice))
}

/** After `told` was told, or needs not be told. `read`: how far the log has been read. */
export function afterTold(
  state: WayState,
  pending: readonly Notice[],
  told: readonly Notice[],
  read: number,
): WayState {
  const passed = new Set([...state.passed, ...told.map(({ seq }) => seq)])
  const left = pending.find(({ seq }) => seq > state.done && !passed.has(seq))
  const done = left === undefined ? Math.max(state.done, read) : Math.max(state.done, left.seq - 1)
  return { ...state, done, passed: [...passed].filter(seq => seq > done) }
}

export function afterSuccess(state: WayState, now: number): WayState {
  return { ...state, sentAt: now, failures: 0, notBefore: 0 }
}

export function afterFailure(state: WayState, now: number, waitMs: number): WayState {
  return { ...state, failures: state.failures + 1, notBefore: now + waitMs }
}

function isTold({ done, passed }: WayState, { seq }: Notice): boolean {
  return seq <= done || passed.includes(seq)
}

/** A clock that was set back makes no wait longer. */
function isWithin(elapsed: number, ms: number): boolean {
  return elapsed >= 0 && elapsed < ms
}
