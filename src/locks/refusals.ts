/** What somebody is told who cannot have what they ask for: whose it is, until when, and what to type. */
import { AgencyError } from '../kernel/errors.ts'
import { shortId } from '../kernel/ids.ts'
import { type Asked, type Blocker, type Link, type Lock, showCycle } from '../model/lock.ts'
import { HUMAN } from '../model/names.ts'
import { showResource } from '../model/resource.ts'
import type { Unit } from '../model/unit.ts'

const MOST_TOLD = 5

export function held(asked: Pick<Asked, 'owner'>, by: readonly Blocker[], now: number): AgencyError {
  const lines = by.slice(0, MOST_TOLD).map(blocker => tellBlocker(blocker, now))
  const more = by.length > MOST_TOLD ? [`and ${by.length - MOST_TOLD} more`] : []
  const { lock } = by[0]!
  const breaking = asked.owner === HUMAN ? `; or end it: agency lock break ${shortId(lock.id)} --reason "…"` : ''
  const asking = asked.owner !== HUMAN && lock.owner !== HUMAN ? `; or ask: agency send ${lock.owner} "…"` : ''
  return new AgencyError('HELD', [...lines, ...more].join('\n  '), {
    hint: `wait for it: add --wait 60s${asking}${breaking}`,
  })
}

export function timedOut(waitMs: number, by: readonly Blocker[], now: number): AgencyError {
  const still = by.length > 0 ? `: ${tellBlocker(by[0]!, now)}` : ''
  return new AgencyError('TIMED_OUT', `not granted within ${waitMs / 1000} s${still}`, { hint: 'agency lock list' })
}

/** The one that closes a circle is told, and nobody else. */
export function deadlock(asked: Pick<Asked, 'owner'>, cycle: readonly Link[]): AgencyError {
  return new AgencyError('CONFLICT', `waiting for this would close a circle: ${showCycle(cycle)}`, {
    hint: `release what ${asked.owner === HUMAN ? 'you hold' : 'you hold yourself'} first (agency lock list), then take all of it in one request`,
  })
}

/** `src/a.ts is held by Code/b (exclusive) for 4 min more: "why"   [1a2b3c4d]` */
export function tellBlocker({ lock, on }: Blocker, now: number): string {
  const how =
    lock.state === 'held'
      ? `is held by ${lock.owner} (${lock.mode}) for ${span(lock.expiresAt - now)} more, until ${clockTime(lock.expiresAt, now)}`
      : `is waited for by ${lock.owner} (${lock.mode}), who asked before you`
  return `${showResource(on)} ${how}${lock.why ? `: ${JSON.stringify(lock.why)}` : ''}   [lease ${shortId(lock.id)}]`
}

export function span(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}

/** By the machine's own clock, which the time of leases may be ahead of. */
function clockTime(at: number, now: number): string {
  return new Date(Date.now() + at - now).toTimeString().slice(0, 8)
}

/** There is no such lease: how it ended, when it ever was one. */
export function noLease(name: string, history: readonly Unit[]): AgencyError {
  const end = history.filter(({ type }) => type === 'lock').at(-1)?.metadata
  if (!end)
    return new AgencyError('NOT_FOUND', `there is no lease ${JSON.stringify(name.slice(0, 80))}`, {
      hint: 'agency lock list',
    })
  return new AgencyError(
    'CONFLICT',
    `the lease ${shortId(name)} of ${String(end['owner'])} is no more: ${String(end['state'])}${end['reason'] ? ` (${String(end['reason'])})` : ''}`,
    { hint: 'take it again: agency lock acquire …   (look first what others have changed)' },
  )
}

export function notYours(caller: string, lock: Lock, verb: string): AgencyError {
  const hint =
    caller === HUMAN
      ? `agency lock break ${shortId(lock.id)} --reason "…"`
      : `ask for it: agency send ${lock.owner} "…"`
  return new AgencyError(
    'NOT_ALLOWED',
    `the lease ${shortId(lock.id)} belongs to ${lock.owner}: ${caller} may not ${verb} it`,
    {
      hint,
    },
  )
}
