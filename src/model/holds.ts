/** The set of reasons why an agent takes no work: adding, taking away, and saying them. Pure. */
import type { AgentRecord, Hold, HoldKind } from './agent.ts'
import { isPerDay, type LimitKind } from './agentLimits.ts'
import { HUMAN } from './names.ts'

type Held = Pick<AgentRecord, 'holds'>

export function holdsOf(record: Held): readonly Hold[] {
  return record.holds ?? []
}

/** The hold of this kind, and for a limit of this limit. */
export function findHold(record: Held, kind: HoldKind, limit?: LimitKind): Hold | undefined {
  return holdsOf(record).find(hold => hold.kind === kind && (limit === undefined || hold.limit === limit))
}

/** The same reason said again takes the place of the earlier one. */
export function withHold(record: Held, hold: Hold): readonly Hold[] {
  return [...holdsOf(record).filter(other => other.kind !== hold.kind || other.limit !== hold.limit), hold]
}

export function without(record: Held, isGone: (hold: Hold) => boolean): readonly Hold[] {
  return holdsOf(record).filter(hold => !isGone(hold))
}

/** Its program is not started while this holds: it died too often, or has used up what one start of it may. */
export function keepsDown(hold: Hold): boolean {
  return hold.kind === 'quarantined' || (hold.kind === 'limit' && hold.limit !== undefined && !isPerDay(hold.limit))
}

/** What `agency resume` lifts for this caller. A coordinator lifts only what no person has said. */
export function mayLift(hold: Hold, caller: string): boolean {
  if (hold.kind === 'quarantined') return false
  return caller === HUMAN || (hold.kind !== 'limit' && hold.by !== HUMAN)
}

/** Why nothing is handed over, in words that stay the same while it holds. Undefined when nothing holds it. */
export function sayHolds(record: Held): string | undefined {
  const holds = holdsOf(record)
  return holds.length === 0 ? undefined : holds.map(sayHold).join('; ')
}

const WORDS: Readonly<Record<HoldKind, string>> = {
  paused: 'paused by',
  draining: 'draining, as asked by',
  limit: 'held by',
  quarantined: 'quarantined by',
}

export function sayHold({ kind, by, why }: Hold): string {
  return `${WORDS[kind]} ${by}${why ? `: ${why}` : ''}`
}
