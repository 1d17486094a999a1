/** Decides what is to be done about one agent: from its record and what was seen of it, the steps of this tick. Pure and total. */
import type { AgentRecord, AgentState, Hold, Interruption, Reading } from './agent.ts'
import { type Amounts, exceeded, isPerDay, type LimitKind, nextMidnight, sayUse } from './agentLimits.ts'
import { findHold, holdsOf, keepsDown, withHold, without } from './holds.ts'
import { SYSTEM } from './names.ts'
import {
  afterCrash,
  afterInterruption,
  DEATH_WINDOW_MS,
  type Facts,
  judge,
  legacyQuarantine,
  type Observed,
  type SupervisionLimits,
} from './supervision.ts'

/** What was seen of an agent and of what it uses. */
export interface Sighting extends Observed {
  /** What it may use, and what it has used as far as that was measured. */
  readonly limits: Amounts
  readonly used: Amounts
  /** Messages that were handed to it and that it still has to take or to acknowledge. */
  readonly unanswered: number
  /** What it does just now, where more is known than its record says. */
  readonly reading: Reading | undefined
}

/** What a step tells the log of work units. */
export interface Told {
  readonly what: string
  readonly why: string
}

export type Step =
  /** Its program lives: its record is brought there. */
  | { readonly do: 'live'; readonly pid: number }
  /** Its end is written down, and what follows from it. */
  | { readonly do: 'bury'; readonly reading: Reading; readonly change: Partial<AgentRecord> }
  | { readonly do: 'note'; readonly change: Partial<AgentRecord>; readonly told?: Told }
  /** Its program is ended for a limit: first written down, then done. */
  | { readonly do: 'interrupt'; readonly interruption: Interruption; readonly holds: readonly Hold[] }
  | { readonly do: 'start'; readonly needsPane: boolean }
  /** It has drained. */
  | { readonly do: 'stop'; readonly hold: Hold }

/** Rules under which a death was left to the person, who may have put things right by hand. */
const LEFT_TO_PERSON: ReadonlySet<string> = new Set(['pane taken over', 'tmux server gone', 'session gone'])
/** No wait is longer than a quarantine: a time that lies further off comes from a clock that was set back. */
const LONGEST_WAIT_MS = 86_400_000 + DEATH_WINDOW_MS

export function plan(record: AgentRecord, seen: Sighting, now: number, rules: SupervisionLimits): readonly Step[] {
  if (record.desired !== 'running') return []
  const lifted = liftOver(record, seen, now)
  if (lifted) return [lifted]
  const facts = judge(record, seen, now)
  if (facts.kind === 'starting') return []
  return facts.kind === 'running'
    ? whileRunning(record, facts.pid, seen, now)
    : whenGone(record, facts, seen, now, rules)
}

/** Of these states the next is looked for while it lasts. */
const PASSING: ReadonlySet<AgentState> = new Set(['starting', 'limited', 'dead'])

/** Whether it runs and nothing is to be done about it, however much time passes, until its record or what is seen of it changes. */
export function needsNothing(record: AgentRecord, seen: Sighting): boolean {
  if (record.desired !== 'running' || PASSING.has(record.state) || holdsOf(record).length > 0) return false
  if ((record.quarantines ?? 0) > 0 || record.interruption?.instance === record.instance) return false
  return (
    exceeded(seen.limits, seen.used).length === 0 && judge(record, seen, Number.POSITIVE_INFINITY).kind === 'running'
  )
}

/** Holds whose time has come, and those of limits that are there no more. A program that they kept down is started. */
function liftOver(record: AgentRecord, { limits }: Sighting, now: number): Step | undefined {
  const isOver = (hold: Hold) =>
    (hold.until !== undefined && isDue(hold.until, now)) ||
    (hold.kind === 'limit' && hold.limit !== undefined && limits[hold.limit] === undefined)
  const over = holdsOf(record).filter(isOver)
  if (over.length === 0) return undefined
  const holds = without(record, isOver)
  const starts = record.state === 'dead' && over.some(keepsDown) && !holds.some(keepsDown)
  const isTrial = over.some(({ kind }) => kind === 'quarantined')
  return {
    do: 'note',
    change: { holds, ...(starts ? { nextStartAt: now } : {}), ...(isTrial ? { deaths: [] } : {}) },
    told: { what: 'release', why: over.map(({ why }) => `over: ${why}`).join('; ') },
  }
}

function whileRunning(record: AgentRecord, pid: number, seen: Sighting, now: number): readonly Step[] {
  const live: Step = { do: 'live', pid }
  const { interruption } = record
  // Written down before a daemon died, and not done.
  if (interruption?.instance === record.instance)
    return [live, { do: 'interrupt', interruption, holds: holdsOf(record) }]
  const limit = exceeded(seen.limits, seen.used).find(kind => !isExcused(record, kind, now))
  if (limit !== undefined) return [live, overLimit(record, limit, seen, now)]
  const draining = findHold(record, 'draining')
  if (draining && hasDone(seen.reading?.state ?? record.state, seen)) return [live, { do: 'stop', hold: draining }]
  const isProven = record.startedAt !== undefined && now - record.startedAt >= DEATH_WINDOW_MS
  if ((record.quarantines ?? 0) > 0 && isProven)
    return [
      live,
      { do: 'note', change: { quarantines: 0 }, told: { what: 'trial passed', why: 'it lived ten minutes' } },
    ]
  return [live]
}

/** The person has lifted it for a while, or it is known already. */
function isExcused(record: AgentRecord, kind: LimitKind, now: number): boolean {
  const lifted = record.lifted?.[kind]
  return (lifted !== undefined && lifted > now) || (isPerDay(kind) && findHold(record, 'limit', kind) !== undefined)
}

/** Memory is given back by the end of the program; everything else is used up until the day is over. */
function overLimit(record: AgentRecord, limit: LimitKind, { used, limits }: Sighting, now: number): Step {
  const why = `${sayUse(limit, used[limit], limits[limit])} used`
  const until = nextMidnight(now)
  const hold: Hold = { kind: 'limit', by: SYSTEM, at: now, ...(limit === 'memory' ? {} : { until }), why, limit }
  const holds = withHold(record, hold)
  if (isPerDay(limit)) return { do: 'note', change: { holds }, told: { what: 'hold', why } }
  return { do: 'interrupt', interruption: { instance: record.instance, limit, why, at: now }, holds }
}

// Total on purpose: whether an agent in this state is in the middle of something.
const IS_AT_REST: Readonly<Record<AgentState, boolean>> = {
  stopped: true,
  starting: true,
  ready: true,
  busy: false,
  waiting: false,
  limited: false,
  shell: true,
  dead: true,
  hung: false,
  unknown: false,
}

function hasDone(state: AgentState, { unanswered }: Sighting): boolean {
  return IS_AT_REST[state] && unanswered === 0
}

function whenGone(
  record: AgentRecord,
  facts: Extract<Facts, { kind: 'gone' }>,
  seen: Sighting,
  now: number,
  rules: SupervisionLimits,
): readonly Step[] {
  const isTheirs = facts.remedy === 'person'
  // Our runner's process id is written a moment after tmux shows it, and a person may give a pane back.
  const isOursAgain = LEFT_TO_PERSON.has(record.rule) && !isTheirs
  if (record.state !== 'dead' || isOursAgain) return [bury(record, facts, seen, now, rules)]
  const draining = findHold(record, 'draining')
  if (draining && !isTheirs) return [{ do: 'stop', hold: draining }]
  if (isTheirs || holdsOf(record).some(keepsDown)) return []
  if (record.nextStartAt === undefined) return [{ do: 'note', change: legacyQuarantine(record, now) }]
  return isDue(record.nextStartAt, now) ? [{ do: 'start', needsPane: facts.remedy === 'open-pane' }] : []
}

function bury(
  record: AgentRecord,
  { reading, remedy, isCertain }: Extract<Facts, { kind: 'gone' }>,
  { exit }: Sighting,
  now: number,
  rules: SupervisionLimits,
): Step {
  const ours = record.interruption?.instance === record.instance ? record.interruption : undefined
  const lastExit = exit?.instance === record.instance ? { status: exit.status, at: now } : record.lastExit
  const known = { pid: undefined, lastExit, isDeathCertain: isCertain }
  if (ours) {
    const ended: Reading = { state: 'dead', rule: `limit ${ours.limit}`, evidence: `ended by us: ${ours.why}` }
    return { do: 'bury', reading: ended, change: { ...known, ...afterInterruption(record, now, rules) } }
  }
  if (remedy === 'person')
    return { do: 'bury', reading, change: { ...known, deaths: record.deaths, nextStartAt: undefined } }
  return { do: 'bury', reading, change: { ...known, ...afterCrash(record, now, rules, reading.evidence) } }
}

function isDue(at: number, now: number): boolean {
  return at <= now || at - now > LONGEST_WAIT_MS
}
