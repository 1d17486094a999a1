/** Decides what an agent's process facts mean and what to do about them. Pure: time, chance and facts come in. */
import { backoffMs } from '../kernel/backoff.ts'
import type { AgentRecord, Reading } from './agent.ts'

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
  | { readonly kind: 'gone'; readonly reading: Reading; readonly remedy: 'start-program' | 'open-pane' | 'person' }

/** Status of an end that nobody saw: the pane was begun anew with our runner, and the runner before it was gone. */
export const UNSEEN = -1

/** A start that has not written its process id within this time is not coming: the folder or the interpreter is missing. */
const START_GRACE_MS = 10_000
export const DEATH_WINDOW_MS = 600_000

export function judge(record: AgentRecord, seen: Observed, now: number): Facts {
  const gone = (rule: string, evidence: string, remedy: 'start-program' | 'open-pane' | 'person'): Facts => ({
    kind: 'gone',
    reading: { state: 'dead', rule, evidence },
    remedy,
  })
  if (!seen.hasServer)
    return gone('tmux server gone', `the tmux server that ran ${record.pane ?? 'its pane'} is gone`, 'person')
  if (!seen.hasSession) return gone('session gone', `the session ${record.agency} is gone`, 'person')
  if (!seen.pane) {
    if (record.startedAt !== undefined && now - record.startedAt < 1000) return { kind: 'starting' }
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
  if (record.startedAt !== undefined && now - record.startedAt < START_GRACE_MS) return { kind: 'starting' }
  if (seen.program)
    return gone('process gone', `process ${seen.program.pid} is gone and its runner has not said why`, 'start-program')
  return gone('never started', `no process after ${START_GRACE_MS / 1000} s`, 'start-program')
}

function describeStatus(status: number): string {
  const names: Record<number, string> = { 1: 'HUP', 2: 'INT', 3: 'QUIT', 6: 'ABRT', 9: 'KILL', 11: 'SEGV', 15: 'TERM' }
  if (status === 126 || status === 127) return `status ${status}: the program could not be run`
  return status > 128 ? `signal ${names[status - 128] ?? status - 128}` : `status ${status}`
}

/** When to start again after this death: at once for the first, then with back-off; undefined means quarantine until a person says so. */
export function afterDeath(
  record: Pick<AgentRecord, 'deaths'>,
  now: number,
  limits: SupervisionLimits,
): { deaths: readonly number[]; nextStartAt: number | undefined } {
  const deaths = [...record.deaths.filter(at => now - at < DEATH_WINDOW_MS), now]
  if (deaths.length >= limits.quarantineDeaths) return { deaths, nextStartAt: undefined }
  if (deaths.length === 1) return { deaths, nextStartAt: now }
  return {
    deaths,
    nextStartAt:
      now + backoffMs(deaths.length - 1, { baseMs: limits.backoffBaseMs, maxMs: limits.backoffMaxMs }, limits.random),
  }
}
