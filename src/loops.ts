/** What the daemon does all day: its loops, how often each goes round, and what wakes it before its time. */
import type { LoopPace } from './kernel/loop.ts'
import type { LoopParts } from './loops/parts.ts'
import { HUMAN } from './model/names.ts'
import type { Store } from './storage/store.ts'

/** What loops are woken by; `loops/listening.ts` hears it. */
export const NEWS = [
  'run folder',
  'terminal',
  'supervisor due',
  'agent',
  'agent waits',
  'hook file',
  'script output',
  'message',
  'outbox file',
  'definition file',
  'task',
  'task opens',
  'task presented',
  'task awaits approval',
  'submission',
  'branch',
  'lock',
  'store',
] as const
export type News = (typeof NEWS)[number]

export interface LoopRow extends LoopPace {
  readonly name: string
  readonly wokenBy: readonly News[]
  readonly tick: (signal: AbortSignal) => unknown
}

const HOUR_MS = 3_600_000
/** A missed notification of the file system costs at most this long. */
const SAFETY_MS = 5_000
/** An agency that starts tells of dozens of changes, each a reason to look at the whole server. */
const REST_MS = 25
/** What hears of every change of the store takes all of a second together, and so does what failed and is due still. */
const STORE_REST_MS = 1_000
/** What is not done with is looked at again so soon. */
const AGAIN_MS = 1_000
const NEVER = Number.POSITIVE_INFINITY
const SHOWN: readonly News[] = ['agent', 'message', 'task', 'submission', 'lock']

export function loopTable(parts: LoopParts): readonly LoopRow[] {
  const { supervisor, dialogs, sweeper, locks, views, activity, outbox, hooks, scripts, definitions } = parts
  const { statusRounds, taskWork, submissionWork, notices, reminder, housekeeping } = parts
  const { store, settings, tokens } = parts
  const lookMs = settings.supervision.tick * 1000
  const hearMessages = whenChanged(store, () => taskWork.hear())
  const hearReports = whenChanged(store, () => submissionWork.hear())
  const writeActivity = whenChanged(store, signal => activity.tick(signal))
  // biome-ignore format: a table is read by its columns
  return [
    { name: 'supervisor',        everyMs: lookMs,               wokenBy: ['run folder', 'terminal', 'supervisor due'], tick: () => supervisor.tick(), restMs: REST_MS },
    { name: 'dialogs',           everyMs: lookMs,               wokenBy: ['agent waits'],                              tick: () => dialogs.applyPolicies() },

    { name: 'sweeper',           everyMs: SAFETY_MS,            wokenBy: ['store'],                                    tick: () => sweeper.tickWhenDue(), restMs: STORE_REST_MS, dueInMs: () => sweeper.dueInMs },
    { name: 'locks',             everyMs: SAFETY_MS,            wokenBy: ['lock'],                                     tick: () => locks.tick(), restMs: REST_MS, dueInMs: () => locks.dueInMs },

    { name: 'views',             everyMs: 1000,                 wokenBy: SHOWN,                                        tick: signal => views.tick(signal) },
    { name: 'activity log',      everyMs: SAFETY_MS,            wokenBy: SHOWN,                                        tick: writeActivity },

    { name: 'outbox',            everyMs: SAFETY_MS,            wokenBy: ['outbox file'],                              tick: () => outbox.tick() },
    { name: 'hook events',       everyMs: SAFETY_MS,            wokenBy: ['hook file'],                                tick: () => hooks.tick() },
    { name: 'script output',     everyMs: SAFETY_MS,            wokenBy: ['script output'],                            tick: () => scripts.tick() },
    { name: 'definitions',       everyMs: SAFETY_MS,            wokenBy: ['definition file'],                          tick: () => definitions.tick(), dueInMs: () => (definitions.looksAgain ? AGAIN_MS : NEVER) },
    { name: 'status rounds',     everyMs: statusRounds.everyMs, wokenBy: [],                                           tick: () => statusRounds.tick() },

    { name: 'task talk',         everyMs: SAFETY_MS,            wokenBy: ['message'],                                  tick: hearMessages },
    { name: 'task hand-out',     everyMs: SAFETY_MS,            wokenBy: ['agent', 'task opens'],                      tick: () => taskWork.handOut() },
    { name: 'task verification', everyMs: SAFETY_MS,            wokenBy: ['task presented'],                           tick: signal => taskWork.verify(signal) },
    { name: 'task times',        everyMs: SAFETY_MS,            wokenBy: ['task'],                                     tick: () => taskWork.keepTime(), restMs: STORE_REST_MS, dueInMs: () => taskWork.timeIsDueInMs },

    { name: 'reports handed in', everyMs: SAFETY_MS,            wokenBy: ['message'],                                  tick: hearReports },
    { name: 'submissions',       everyMs: SAFETY_MS,            wokenBy: ['submission', 'task awaits approval'],       tick: signal => submissionWork.tick(signal) },
    { name: 'branches',          everyMs: SAFETY_MS,            wokenBy: ['branch', 'submission', 'definition file'],  tick: () => submissionWork.look() },

    { name: 'notices',           everyMs: SAFETY_MS,            wokenBy: ['store'],                                    tick: signal => notices.tick(signal), restMs: STORE_REST_MS, dueInMs: () => (notices.isWaiting ? AGAIN_MS : NEVER) },
    { name: 'uncommitted work',  everyMs: reminder.everyMs,     wokenBy: [],                                           tick: signal => reminder.tick(signal) },
    { name: "person's token",    everyMs: SAFETY_MS,            wokenBy: [],                                           tick: () => tokens.ensure(HUMAN) },
    { name: 'housekeeping',      everyMs: HOUR_MS,              wokenBy: [],                                           tick: () => housekeeping.tick() },
  ]
}

/** For what reads the log: nothing is asked while nothing was written since it was last read to its end. */
function whenChanged(store: Store, tick: LoopRow['tick']): LoopRow['tick'] {
  let read = -1
  return async signal => {
    const { changes } = store
    if (changes === read) return
    await tick(signal)
    read = changes
  }
}
