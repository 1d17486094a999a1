/** Deliveries that need a person: dead, expired, and those of which nobody knows. Listed, sent again, forgotten. */
import { onlyPerson } from '../agencies/authority.ts'
import type { Clock } from '../kernel/clock.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { Delivery, DeliveryState } from '../model/delivery.ts'
import type { Address } from '../model/names.ts'
import type { DeliveryWithMessage, Store } from '../storage/store.ts'
import type { Archive } from './archive.ts'
import type { Ledger } from './ledger.ts'

export interface DeadLetterParts {
  readonly store: Store
  readonly archive: Archive
  readonly ledger: Ledger
  readonly clock: Clock
}

const LOST: readonly DeliveryState[] = ['dead', 'expired', 'unknown']
const SENT_AGAIN: readonly DeliveryState[] = [...LOST, 'cancelled']

export class DeadLetters {
  constructor(private readonly parts: DeadLetterParts) {}

  async list(): Promise<readonly DeliveryWithMessage[]> {
    const { store } = this.parts
    const listed = (await Promise.all(LOST.map(state => store.messages({ state }, 1000)))).flat()
    const found = listed.flatMap(({ message, deliveries }) => deliveries.map(delivery => ({ delivery, message })))
    const lost = found.filter(({ delivery }) => LOST.includes(delivery.state))
    return [...new Map(lost.map(item => [item.delivery.id, item])).values()]
  }

  /** New deliveries for the lost ones of a message. */
  async requeue(caller: Address, idOrShort: string): Promise<readonly Delivery[]> {
    const { archive, ledger, clock } = this.parts
    onlyPerson(caller, 'requeue a delivery')
    const { message, deliveries } = await archive.find(idOrShort)
    const lost = deliveries.filter(({ state }) => SENT_AGAIN.includes(state))
    if (lost.length === 0)
      throw new AgencyError('CONFLICT', `message ${message.id} has no delivery that is dead, expired or unknown`, {
        hint: `agency trace ${idOrShort}`,
      })
    return Promise.all(lost.map(({ id }) => ledger.requeue(id, clock.now())))
  }

  async purge(caller: Address): Promise<number> {
    onlyPerson(caller, 'purge dead letters')
    return this.parts.store.purge(this.parts.clock.now())
  }
}
