/** Whether somebody may write just now, and whether the lease that they rely on still stands. */
import type { Blocker } from '../model/lock.ts'
import type { Address } from '../model/names.ts'
import { overlap, type Resource } from '../model/resource.ts'

export interface Verdict {
  /** Leases of others on what is to be written, with one of the resources. */
  readonly held: readonly Blocker[]
  /** What no lease of the writer with the fencing number that it relies on covers any more. */
  readonly stale: readonly Resource[]
}

/** Any lease of another is in the way, a shared one too: who only reads relies on what is there. */
export function judge(
  there: readonly Blocker[],
  resources: readonly Resource[],
  { owner, fence }: { owner: Address; fence: number | undefined },
): Verdict {
  const leases = there.filter(({ lock }) => lock.state === 'held')
  const relied = leases.flatMap(({ lock }) =>
    lock.owner === owner && lock.state === 'held' && lock.fence === fence ? lock.resources : [],
  )
  const isStale = (resource: Resource) => !relied.some(other => overlap(resource, other))
  return {
    held: leases.filter(({ lock }) => lock.owner !== owner),
    stale: fence === undefined ? [] : resources.filter(isStale),
  }
}
