/** What doctor tells of locks: long waits, and leases whose owner is in no state to give them back. */
import { shortId } from '../kernel/ids.ts'
import type { Lock } from '../model/lock.ts'
import { span } from '../model/lockWords.ts'
import type { Address } from '../model/names.ts'
import { showResource } from '../model/resource.ts'

const WAITS_LONG_MS = 60_000

export function lockFindings(
  locks: readonly Lock[],
  now: number,
  isDown: (owner: Address) => boolean,
): readonly { what: string; hint: string }[] {
  return locks.flatMap(lock => {
    const on = lock.resources.slice(0, 3).map(showResource).join(', ')
    if (lock.state === 'waiting')
      return now - lock.since <= WAITS_LONG_MS
        ? []
        : [
            {
              what: `${lock.owner} has waited ${span(now - lock.since)} for the lock on ${on}`,
              hint: 'agency lock list',
            },
          ]
    if (!isDown(lock.owner)) return []
    const what = `${lock.owner} does not run, and holds ${on} for ${span(lock.expiresAt - now)} more`
    return [{ what, hint: `agency lock break ${shortId(lock.id)} --reason "its owner does not run"` }]
  })
}
