/** What doctor tells of deliveries: those that may not have arrived, that are dead, or that wait too long. */
import { shortId } from '../kernel/ids.ts'
import type { Finding } from '../model/finding.ts'
import type { Store } from '../storage/store.ts'

const HELD_TOO_LONG_MS = 300_000

export async function deliveryFindings(store: Store, now: number): Promise<readonly Finding[]> {
  const open = await store.inStates(['held', 'unknown', 'handing', 'handed'], 1000)
  const dead = await store.messages({ state: 'dead' }, 100)
  const buried = dead.flatMap(({ message, deliveries }) =>
    deliveries.filter(({ state }) => state === 'dead').map(delivery => ({ delivery, message })),
  )
  return [...open, ...buried].flatMap(({ delivery, message }): Finding[] => {
    const id = shortId(message.id)
    const age = now - delivery.since
    if (delivery.state === 'unknown')
      return [
        {
          level: 'warn',
          what: `message ${id} to ${delivery.to} may not have arrived: ${delivery.reason ?? ''}`,
          hint: `agency trace ${id}, then agency dead requeue ${id}`,
        },
      ]
    if (delivery.state === 'dead')
      return [
        {
          level: 'warn',
          what: `message ${id} to ${delivery.to} is dead: ${delivery.reason ?? ''}`,
          hint: `agency dead requeue ${id}   or   agency dead purge`,
        },
      ]
    if (age > HELD_TOO_LONG_MS)
      return [
        {
          level: 'warn',
          what: `message ${id} to ${delivery.to} has been ${delivery.state} for ${Math.round(age / 60_000)} min: ${delivery.reason ?? ''}`,
          hint: `agency explain ${delivery.to}`,
        },
      ]
    return []
  })
}
