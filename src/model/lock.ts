/** Leases and those that wait for them: what conflicts, who goes first, and who waits for whom in a circle. */
import type { Id } from '../kernel/ids.ts'
import type { Address } from './names.ts'
import { canonicalSet, type Resource, resourceKey, showResource } from './resource.ts'

export const LOCK_MODES = ['exclusive', 'shared'] as const
export type LockMode = (typeof LOCK_MODES)[number]

/** What is asked for. `resources` is a canonical set. */
export interface Asked {
  readonly owner: Address
  readonly mode: LockMode
  readonly resources: readonly Resource[]
  readonly ttlMs: number
  readonly why: string | undefined
}

export interface Lease extends Asked {
  readonly id: Id
  /** Order of asking, over the whole workspace. */
  readonly seq: number
  readonly state: 'held'
  readonly since: number
  readonly expiresAt: number
  /** Of each grant, greater than of every grant before it. */
  readonly fence: number
}

export interface Wait extends Asked {
  readonly id: Id
  readonly seq: number
  readonly state: 'waiting'
  readonly since: number
  readonly waitUntil: number
}

export type Lock = Lease | Wait

/** When it is over by itself. */
export function untilOf(lock: Lock): number {
  return lock.state === 'held' ? lock.expiresAt : lock.waitUntil
}

export type LockState = 'waiting' | 'held' | 'released' | 'expired' | 'broken' | 'withdrawn' | 'refused'
export type LockEvent = 'grant' | 'extend' | 'release' | 'expire' | 'break' | 'withdraw' | 'refuse'

// Total on purpose: a new state or event does not compile until every cell is decided.
const NEXT: Record<LockState, Record<LockEvent, LockState | 'no'>> = {
  waiting: {
    grant: 'held',
    extend: 'no',
    release: 'no',
    expire: 'no',
    break: 'no',
    withdraw: 'withdrawn',
    refuse: 'refused',
  },
  held: {
    grant: 'no',
    extend: 'held',
    release: 'released',
    expire: 'expired',
    break: 'broken',
    withdraw: 'no',
    refuse: 'no',
  },
  released: over(),
  expired: over(),
  broken: over(),
  withdrawn: over(),
  refused: over(),
}

function over(): Record<LockEvent, 'no'> {
  return { grant: 'no', extend: 'no', release: 'no', expire: 'no', break: 'no', withdraw: 'no', refuse: 'no' }
}

export function nextLockState(state: LockState, event: LockEvent): LockState | 'no' {
  return NEXT[state][event]
}

/** In the log's words what state an event leads to, whoever it came from. */
export const ENDS = { release: 'released', expire: 'expired', break: 'broken', withdraw: 'withdrawn' } as const
export type LockEnd = keyof typeof ENDS

/** Another's lock on the way of what is asked, and one of the resources that both want. */
export interface Blocker {
  readonly lock: Lock
  readonly on: Resource
}

/** Two that both only read do not mind each other; nobody is in their own way. */
export function conflicts(one: Pick<Asked, 'owner' | 'mode'>, other: Pick<Asked, 'owner' | 'mode'>): boolean {
  return one.owner !== other.owner && (one.mode === 'exclusive' || other.mode === 'exclusive')
}

/**
 * First come, first served: besides those that hold, whoever has waited for longer is in the way, so that readers who come
 * later never starve a writer. `overlapping` are the locks that share a resource with it; `seq` is its place, the last when it has none yet.
 */
export function blockersOf(
  asked: Pick<Asked, 'owner' | 'mode'> & { readonly seq?: number },
  overlapping: readonly Blocker[],
): readonly Blocker[] {
  const { seq = Number.POSITIVE_INFINITY } = asked
  return overlapping
    .filter(({ lock }) => conflicts(asked, lock) && (lock.state === 'held' || lock.seq < seq))
    .sort((a, b) => a.lock.seq - b.lock.seq)
}

/** One step of a circle: `owner` waits for what `of` holds, or waits for before it. */
export interface Link {
  readonly owner: Address
  readonly of: Address
  readonly on: Resource
}

/**
 * The shortest circle that would close if `owner` waited for these. Before it there was none, since each was looked for before
 * its last link was made: so refusing this one is enough, and it is the only victim.
 */
export function findCycle(
  owner: Address,
  blockers: readonly Blocker[],
  waitsOf: (owner: Address) => readonly Blocker[],
): readonly Link[] | undefined {
  const seen = new Set<Address>()
  let paths: (readonly Link[])[] = [[]]
  while (paths.length > 0) {
    const longer: (readonly Link[])[] = []
    for (const path of paths) {
      const at = path.at(-1)?.of ?? owner
      for (const { lock, on } of path.length === 0 ? blockers : waitsOf(at)) {
        const way = [...path, { owner: at, of: lock.owner, on }]
        if (lock.owner === owner) return way
        if (seen.has(lock.owner)) continue
        seen.add(lock.owner)
        longer.push(way)
      }
    }
    paths = longer
  }
  return undefined
}

export function showCycle(cycle: readonly Link[]): string {
  return cycle.map(({ owner, of, on }) => `${owner} waits for ${of} (${showResource(on)})`).join(', ')
}

export type Decision =
  | { readonly kind: 'grant' }
  /** The same set of the same owner: that lease, for longer, and exclusive when either was. */
  | { readonly kind: 'again'; readonly lease: Lease; readonly mode: LockMode }
  | { readonly kind: 'held'; readonly by: readonly Blocker[] }
  | { readonly kind: 'wait'; readonly by: readonly Blocker[] }
  | { readonly kind: 'deadlock'; readonly cycle: readonly Link[] }

/** `overlapping`: every lock that shares a resource with what is asked; `waitsOf`: what stands in the way of all that an owner waits for. */
export function decide(
  asked: Asked,
  options: { readonly mayWait: boolean },
  overlapping: readonly Blocker[],
  waitsOf: (owner: Address) => readonly Blocker[],
): Decision {
  const own = overlapping.map(({ lock }) => lock).find(lock => isSameSet(asked, lock))
  if (own?.state === 'held') return again(asked, own, overlapping, waitsOf)
  const by = blockersOf(asked, overlapping)
  if (by.length === 0) return { kind: 'grant' }
  if (!options.mayWait) return { kind: 'held', by }
  const cycle = findCycle(asked.owner, by, waitsOf)
  return cycle ? { kind: 'deadlock', cycle } : { kind: 'wait', by }
}

/** Who holds need not stand behind those that wait for it. To become exclusive nobody else may hold, and that is not waited for. */
function again(
  asked: Asked,
  lease: Lease,
  overlapping: readonly Blocker[],
  waitsOf: (owner: Address) => readonly Blocker[],
): Decision {
  if (asked.mode === 'shared' || lease.mode === 'exclusive') return { kind: 'again', lease, mode: lease.mode }
  const sharing = blockersOf(asked, overlapping).filter(({ lock }) => lock.state === 'held')
  if (sharing.length > 0) return { kind: 'held', by: sharing }
  // It now stands in the way of readers that it let pass before; if it waits for one of them elsewhere, that is a circle.
  const minded = new Set(overlapping.filter(({ lock }) => conflicts(asked, lock)).map(({ lock }) => lock.owner))
  const self: Blocker = { lock: lease, on: lease.resources[0]! }
  const waitsWith = (owner: Address) => (minded.has(owner) ? [...waitsOf(owner), self] : waitsOf(owner))
  const cycle = findCycle(asked.owner, waitsOf(asked.owner), waitsWith)
  return cycle ? { kind: 'deadlock', cycle } : { kind: 'again', lease, mode: 'exclusive' }
}

function isSameSet(asked: Asked, lock: Lock): boolean {
  const { owner, resources } = lock
  if (lock.state !== 'held' || owner !== asked.owner || resources.length !== asked.resources.length) return false
  const keys = new Set(resources.map(resourceKey))
  return canonicalSet(asked.resources).every(resource => keys.has(resourceKey(resource)))
}
