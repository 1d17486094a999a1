/** A lock as the API, the views and the command line show it. */
import { type Lock, untilOf } from './lock.ts'
import type { Times } from './lockWords.ts'
import { resourceKey, showResource } from './resource.ts'

export interface LockDocument {
  readonly id: string
  readonly owner: string
  readonly mode: Lock['mode']
  readonly state: Lock['state']
  readonly fence?: number
  /** By the machine's clock, which the time of leases may be ahead of. */
  readonly since: string
  readonly until: string
  readonly remainingMs: number
  readonly why?: string
  readonly resources: string[]
  /** What they are compared by, in the same order. */
  readonly keys: string[]
}

/** `now` is of the time of leases, `wall` of the machine's clock. */
export function showLock(lock: Lock, { now, wall }: Times): LockDocument {
  const { id, owner, mode, state, why, since, resources } = lock
  // Some milliseconds lie between two looks at a clock.
  const ahead = Math.abs(now - wall) < 1_000 ? 0 : now - wall
  const iso = (at: number) => new Date(at - ahead).toISOString()
  return {
    ...{ id, owner, mode, state },
    ...(lock.state === 'held' ? { fence: lock.fence } : {}),
    ...{ since: iso(since), until: iso(untilOf(lock)), remainingMs: Math.max(0, untilOf(lock) - now) },
    ...(why === undefined ? {} : { why }),
    resources: resources.map(showResource),
    keys: resources.map(resourceKey),
  }
}
