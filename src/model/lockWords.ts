/** A lock in words, for whoever finds it in their way. */
import { shortId } from '../kernel/ids.ts'
import type { Blocker } from './lock.ts'
import { showResource } from './resource.ts'

/** `now` is of the time of leases, `wall` of the machine's clock. */
export interface Times {
  readonly now: number
  readonly wall: number
}

/** `src/a.ts is held by Code/b (exclusive) for 4 min more, until 12:30:00: "why"   [lease 1a2b3c4d]` */
export function tellBlocker({ lock, on }: Blocker, { now, wall }: Times): string {
  const how =
    lock.state === 'held'
      ? `is held by ${lock.owner} (${lock.mode}) for ${span(lock.expiresAt - now)} more, until ${clockTime(wall + lock.expiresAt - now)}`
      : `is waited for by ${lock.owner} (${lock.mode}), who asked before you`
  return `${showResource(on)} ${how}${lock.why ? `: ${JSON.stringify(lock.why)}` : ''}   [lease ${shortId(lock.id)}]`
}

export function span(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}

function clockTime(at: number): string {
  return new Date(at).toTimeString().slice(0, 8)
}
