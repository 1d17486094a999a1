/** Judges what an agent's process facts mean, and when it is started again. Pure: time, chance and facts come in. */
import { backoffMs } from '../kernel/backoff.ts'
import type { AgentRecord, Hold, Reading } from './agent.ts'
import { holdsOf, keepsDown, withHold, without } from './holds.ts'
import { SYSTEM } from './names.ts'

/** What was found of an agent in the terminal and in its run folder. */
export interface Observed {
  readonly hasServer: boolean
  readonly hasSession: boolean
  readonly pane: { readonly id: string; readonly pid: number; readonly isDead: boolean } | undefined
  /** Process id that our runner wrote into the run folder. */
  readonly runnerPid: number | undefined
  /** The program that the current start wrote down. */
  readonly program:
    | { readonly pid: number; readonly instance: number | undefined; readonly isAlive: boolean }
    | undefined
  /** The last end the runner wrote down. */
  readonly exit: { readonly status: number; readonly instance: number } | undefined
}

export interface SupervisionLimits {
  readonly backoffBaseMs: number
  readonly backoffMaxMs: number
  readonly quarantineDeaths: number
  /** Spreads the starts of agents that died together: 0 to 1. */
  readonly random: () => number
}

export type Facts =
  | { readonly kind: 'running'; readonly pid: number }
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'gone'
      readonly reading: Reading
      readonly remedy: Remedy
      /** False when its program may still live somewhere. */
      readonly isCertain: boolean
    }
export type Remedy = 'start-program' | 'open-pane' | 'person'

/** Status of an end that nobody saw: the pane was begun anew with our runner, and the runner before it was gone. */
export const UNSEEN = -1

/** A start that has not written its process id within this time is not coming: the folder or the interpreter is missing. */
const START_GRACE_MS = 10_000
export const DEATH_WINDOW_MS = 600_000
/** Each quarantine in a row is twice as long as the one before, up to a day. */
const LONGEST_QUARANTINE_MS = 86_400_000

export function judge(record: AgentRecord, seen: Observed, now: number): Facts {
  const gone = (rule: string, evidence: string, remedy: Remedy): Facts => ({
    kind: 'gone',
    reading: { state: 'dead', rule, evidence },
    remedy,
    isCertain: isEndKnown(record, seen),
  })
  if (!seen.hasServer)
    return gone('tmux server gone', `the tmux server that ran ${record.pane ?? 'its pane'} is gone`, 'person')
  if (!seen.hasSession) return gone('session gone', `the session ${record.agency} is gone`, 'person')
  if (!seen.pane) {
    if (isWithin(record.startedAt, now, 1000)) return { kind: 'starting' }
    return gone('pane gone', `its pane ${record.pane ?? ''} was closed`, 'open-pane')
  }
  if (
    seen.runnerPid !== undefined &&
    seen.pane.pid !== seen.runnerPid &&
    (record.panePid !== seen.pane.pid || seen.pane.isDead)
  )
    return gone(
      'pane taken over',
      `pane ${seen.pane.id} now runs process ${seen.pane.pid}, which is not our runner`,
      'person',
    )
  if (seen.exit?.instance === record.instance && seen.exit.status === UNSEEN)
    return gone('pane begun anew', 'its pane was begun anew, and nobody saw how its program ended', 'start-program')
  if (seen.exit?.instance === record.instance)
    return gone('program ended', `it ended with ${describeStatus(seen.exit.status)}`, 'start-program')
  if (seen.program?.isAlive) return { kind: 'running', pid: seen.program.pid }
  if (isWithin(record.startedAt, now, START_GRACE_MS)) return { kind: 'starting' }
  if (seen.program)
    return gone('process gone', `process ${seen.program.pid} is gone and its runner has not said why`, 'start-program')
  return gone('never started', `no process after ${START_GRACE_MS / 1000} s`, 'start-program')
}

/** Its runner wrote the end down, or its process is not there any more. */
function isEndKnown(record: AgentRecord, { exit, program }: Observed): boolean {
  if (exit?.instance === record.instance && exit.status !== UNSEEN) return true
  return program !== undefined && !program.isAlive && (program.instance ?? record.instance) === record.instance
}

/** A clock that was set back leaves times in the future behind: they are over. */
function isWithin(since: number | undefined, now: number, ms: number): boolean {
  return since !== undefined && since <= now && now - since < ms
}

function describeStatus(status: number): string {
  const names: Record<number, string> = { 1: 'HUP', 2: 'INT', 3: 'QUIT', 6: 'ABRT', 9: 'KILL', 11: 'SEGV', 15: 'TERM' }
  if (status === 126 || status === 127) return `status ${status}: the program could not be run`
  return status > 128 ? `signal ${names[status - 128] ?? status - 128}` : `status ${status}`
}

/** When to start again after this death: at once for the first, then with back-off; undefined: not by back-off, since there were too many. */
export function afterDeath(
  record: Pick<AgentRecord, 'deaths' | 'quarantines'>,
  now: number,
  limits: SupervisionLimits,
): { deaths: readonly number[]; nextStartAt: number | undefined } {
  const deaths = [...record.deaths.filter(at => at <= now && now - at < DEATH_WINDOW_MS), now]
  // The start after a quarantine is a trial: it has to live for the whole window.
  const isOnTrial = (record.quarantines ?? 0) > 0
  if (isOnTrial || deaths.length >= limits.quarantineDeaths) return { deaths, nextStartAt: undefined }
  if (deaths.length === 1) return { deaths, nextStartAt: now }
  return { deaths, nextStartAt: now + waitMs(deaths.length - 1, limits) }
}

function waitMs(attempt: number, { backoffBaseMs, backoffMaxMs, random }: SupervisionLimits): number {
  return backoffMs(attempt, { baseMs: backoffBaseMs, maxMs: backoffMaxMs }, random)
}

export type Aftermath = Pick<AgentRecord, 'deaths' | 'nextStartAt' | 'holds' | 'quarantines'>

/** What a crash means for what comes next: a start, or quarantine. */
export function afterCrash(record: AgentRecord, now: number, limits: SupervisionLimits, evidence: string): Aftermath {
  const { deaths, nextStartAt } = afterDeath(record, now, limits)
  const { holds, quarantines = 0 } = record
  if (nextStartAt !== undefined) return { deaths, nextStartAt, holds, quarantines }
  const why =
    quarantines > 0
      ? `it died again within ten minutes of its trial start; ${evidence}`
      : `${deaths.length} deaths in ten minutes, the last: ${evidence}`
  const until = now + Math.min(DEATH_WINDOW_MS * 2 ** quarantines, LONGEST_QUARANTINE_MS)
  const hold: Hold = { kind: 'quarantined', by: SYSTEM, at: now, until, why }
  return { deaths, nextStartAt: undefined, holds: withHold(record, hold), quarantines: quarantines + 1 }
}

/** What the end of a program means that we ended for a limit: memory is given back by a new start, after a while; the rest is used up for the day. */
export function afterInterruption(record: AgentRecord, now: number, limits: SupervisionLimits): Aftermath {
  const { interruption, holds, deaths, quarantines } = record
  if (interruption?.limit !== 'memory')
    return { deaths, nextStartAt: holdsOf(record).some(keepsDown) ? undefined : now, holds, quarantines }
  const isOld = (hold: Hold) => hold.limit === 'memory'
  const crashed = afterCrash({ ...record, holds: without(record, isOld) }, now, limits, interruption.why)
  if (crashed.nextStartAt === undefined) return crashed
  const until = Math.max(crashed.nextStartAt, now + limits.backoffBaseMs)
  const hold: Hold = { kind: 'limit', by: SYSTEM, at: now, until, why: interruption.why, limit: 'memory' }
  return { ...crashed, nextStartAt: until, holds: withHold(crashed, hold) }
}

/** Quarantine of one that is dead and that nothing starts: a daemon that knew no holds has left it so. */
export function legacyQuarantine(record: AgentRecord, now: number): Pick<AgentRecord, 'holds'> {
  const until = now + DEATH_WINDOW_MS
  return { holds: withHold(record, { kind: 'quarantined', by: SYSTEM, at: now, until, why: record.evidence }) }
}
