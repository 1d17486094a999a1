/** PORT, part: leases on resources, and those that wait for them. */
import type { Id } from '../kernel/ids.ts'
import type { Asked, Blocker, Lease, Link, Lock, LockEnd, Wait } from '../model/lock.ts'
import type { Address } from '../model/names.ts'
import type { Resource } from '../model/resource.ts'

export type Acquired =
  /** `isAgain`: the same set was held before by the same owner, and is for longer now. */
  | { readonly kind: 'granted'; readonly lease: Lease; readonly isAgain: boolean }
  | { readonly kind: 'held'; readonly by: readonly Blocker[] }
  | { readonly kind: 'waiting'; readonly wait: Wait; readonly by: readonly Blocker[] }
  | { readonly kind: 'deadlock'; readonly cycle: readonly Link[] }

/** What else came of a change: waits that it let through, in their order. They are on disk, and those who wait are yet to be told. */
export interface Grants {
  readonly granted: readonly Lease[]
}

/**
 * Every change first ends what is over by its `now`. The time of leases never goes back: a `now` before the greatest that was
 * written down counts as that one.
 */
export interface LockStore {
  /** All of the set or nothing. With `waitMs` it waits in line when it cannot be granted, unless that would close a circle. */
  acquireLock(asked: Asked, options: { now: number; waitMs: number }): Promise<Acquired & Grants>
  /** From now on for `ttlMs`. Undefined when the owner holds no such lease (any more). */
  extendLock(
    id: Id,
    change: { owner: Address; ttlMs: number; now: number },
  ): Promise<{ readonly lease: Lease | undefined } & Grants>
  /** Ends a lease, or a wait by `withdraw`; `release` and `break` do what fits. By id or short id. `owner` must be its owner, where given. `ended` is undefined when there was none (any more). */
  endLock(
    idOrShort: string,
    change: { event: LockEnd; by: Address; owner?: Address; reason: string; now: number },
  ): Promise<{ readonly ended: Lock | undefined } & Grants>
  /** Ends what is over, lets through what can go, and writes down how late it is. `dueAt`: when the next one is over; undefined when there is none. `isStart`: nobody waits any more, since the daemon that they asked is gone. `untold`: those of which the caller still believes that they wait. */
  sweepLocks(options: {
    now: number
    isStart: boolean
    untold: readonly Id[]
  }): Promise<{ readonly ended: readonly Lock[]; readonly dueAt: number | undefined } & Grants>
  /** What is held and what waits at this time, by order of asking. */
  locks(now: number): Promise<readonly Lock[]>
  /** By id or short id. */
  findLock(idOrShort: string, now: number): Promise<Lock | undefined>
  /** Every lock that shares a resource with these, each with one of them. */
  locksOn(resources: readonly Resource[], now: number): Promise<readonly Blocker[]>
  /** The greatest time that leases have seen. */
  lockTime(): Promise<number>
}
