/** What somebody is told who cannot have what they ask for: whose it is, until when, and what to type. */
import { AgencyError } from '../kernel/errors.ts'
import { shortId } from '../kernel/ids.ts'
import { type Asked, type Blocker, type Link, type Lock, showCycle } from '../model/lock.ts'
import { type Times, tellBlocker } from '../model/lockWords.ts'
import { HUMAN } from '../model/names.ts'
import type { Unit } from '../model/unit.ts'

const MOST_TOLD = 5

export function held(asked: Pick<Asked, 'owner'>, by: readonly Blocker[], times: Times): AgencyError {
  const lines = by.slice(0, MOST_TOLD).map(blocker => tellBlocker(blocker, times))
  const more = by.length > MOST_TOLD ? [`and ${by.length - MOST_TOLD} more`] : []
  const { lock } = by[0]!
  const breaking = asked.owner === HUMAN ? `; or end it: agency lock break ${shortId(lock.id)} --reason "…"` : ''
  const asking = asked.owner !== HUMAN && lock.owner !== HUMAN ? `; or ask: agency send ${lock.owner} "…"` : ''
  return new AgencyError('HELD', [...lines, ...more].join('\n  '), {
    hint: `wait for it: add --wait 60s${asking}${breaking}`,
  })
}

export function timedOut(waitMs: number, by: readonly Blocker[], times: Times): AgencyError {
  const still = by.length > 0 ? `: ${tellBlocker(by[0]!, times)}` : ''
  return new AgencyError('TIMED_OUT', `not granted within ${waitMs / 1000} s${still}`, { hint: 'agency lock list' })
}

/** The one that closes a circle is told, and nobody else. */
export function deadlock(asked: Pick<Asked, 'owner'>, cycle: readonly Link[]): AgencyError {
  return new AgencyError('CONFLICT', `waiting for this would close a circle: ${showCycle(cycle)}`, {
    hint: `release what ${asked.owner === HUMAN ? 'you hold' : 'you hold yourself'} first (agency lock list), then take all of it in one request`,
  })
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
