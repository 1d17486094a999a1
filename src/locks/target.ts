/** Which lease is meant: by its id, or by what it is on. */
import { AgencyError } from '../kernel/errors.ts'
import { isId, isShortId, shortId } from '../kernel/ids.ts'
import type { Lock } from '../model/lock.ts'
import type { Address } from '../model/names.ts'
import { type Resource, resourceKey } from '../model/resource.ts'
import type { Store } from '../storage/store.ts'
import { canonicalResources } from './canonical.ts'
import { noLease } from './refusals.ts'
import type { CloneAt } from './repository.ts'

/** One id or short id, or all that a lease is on. */
export interface Target {
  readonly names: readonly string[]
  readonly cwd: string
}

/** `owner`: whose leases are looked at first when it is named by what it is on. AgencyError: NOT_FOUND, CONFLICT. */
export async function findTarget(
  { store, cloneAt }: { readonly store: Store; readonly cloneAt?: CloneAt },
  { names, cwd }: Target,
  now: number,
  owner: Address | undefined,
): Promise<Lock> {
  const [name = ''] = names
  if (names.length === 1 && isNamedById(name)) {
    const lock = await store.findLock(name, now)
    if (lock) return lock
    const history = isId(name) ? await store.units({ subject: name }, 10_000) : []
    if (isId(name)) throw noLease(name, history)
  }
  const resources = await canonicalResources(names, cwd, cloneAt)
  const there = (await store.locksOn(resources, now)).map(({ lock }) => lock)
  const own = there.filter(lock => owner === undefined || lock.owner === owner)
  const fitting = own.filter(lock => isOnAll(lock, resources))
  const [only] = fitting
  // Eight letters from a to f and digits may be a file's name as well.
  if (!only && names.length === 1 && isShortId(name) && there.length === 0) throw noLease(name, [])
  if (!only) throw noneOn(names, own.length > 0 ? own : there, owner)
  if (fitting.length > 1) throw several(names, fitting)
  if (only.resources.length > resources.length)
    throw new AgencyError(
      'CONFLICT',
      `the lease ${shortId(only.id)} is on ${only.resources.length} resources, and stays whole`,
      { hint: `name it by its id: ${shortId(only.id)}` },
    )
  return only
}

export function isNamedById(name: string): boolean {
  return isId(name) || isShortId(name)
}

function isOnAll(lock: Lock, resources: readonly Resource[]): boolean {
  const keys = new Set(lock.resources.map(plainKey))
  return resources.every(resource => keys.has(plainKey(resource)))
}

/** What was a file to be when it was taken may be a folder by now. */
function plainKey(resource: Resource): string {
  return resourceKey(resource).replace(/\/$/, '')
}

function noneOn(names: readonly string[], near: readonly Lock[], owner: Address | undefined): AgencyError {
  const [lock] = near
  const what = `${names[0]}${names.length > 1 ? ` and ${names.length - 1} more` : ''}`
  const who = owner === undefined ? 'nobody holds a' : 'you hold no'
  return new AgencyError('NOT_FOUND', `${who} lease on exactly ${what}`, {
    hint: lock ? `the lease ${shortId(lock.id)} of ${lock.owner} touches it: agency lock list` : 'agency lock list',
  })
}

function several(names: readonly string[], locks: readonly Lock[]): AgencyError {
  return new AgencyError('CONFLICT', `${names.join(' ')} is meant by ${locks.length} leases`, {
    hint: `name one by its id: ${locks.map(({ id, owner }) => `${shortId(id)} (${owner})`).join(', ')}`,
  })
}
