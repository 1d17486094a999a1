/** What is said of a task under an id of its own is done once, and only to the claim that it was said of. */
import { AgencyError } from '../kernel/errors.ts'
import { type Id, madeAt, shortId } from '../kernel/ids.ts'
import type { Address } from '../model/names.ts'
import { isHeld, type Task } from '../model/task.ts'
import type { Store } from '../storage/store.ts'

const MOST_EVENTS = 1000

/** AgencyError('CONFLICT') when its speaker got the task anew since: what was said before is not about that. */
export async function wasHeard(
  store: Pick<Store, 'units'>,
  task: Task,
  { by, said }: { readonly by: Address; readonly said: Id },
): Promise<boolean> {
  const events = await store.units({ subject: task.id }, MOST_EVENTS, 'newest')
  if (events.some(({ metadata }) => metadata.message === said)) return true
  const claim = events.find(({ seq }) => seq === task.claimedSeq)
  if (isHeld(task.state) && task.claimant === by && claim && madeAt(said) < claim.at)
    throw new AgencyError(
      'CONFLICT',
      `this was said of an earlier claim of ${task.label} than ${task.epoch}, which is the present one`,
      {
        hint: `agency task show ${shortId(task.id)}`,
      },
    )
  return false
}
