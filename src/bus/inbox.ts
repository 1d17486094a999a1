/** The recipient's own side: reading what waits (which confirms it), ack, nak. */
import type { Roster } from '../agencies/roster.ts'
import type { Clock } from '../kernel/clock.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { Delivery } from '../model/delivery.ts'
import { type Address, HUMAN } from '../model/names.ts'
import type { DeliveryWithMessage } from '../storage/store.ts'
import type { MessageGate } from './doors/door.ts'
import type { Ledger } from './ledger.ts'

export type Settlement = { readonly event: 'confirm' | 'ack' } | { readonly event: 'nak'; readonly delayMs: number }

export interface InboxParts {
  readonly ledger: Ledger
  readonly roster: Roster
  readonly clock: Clock
  readonly gate: MessageGate
}

export class Inbox {
  constructor(private readonly parts: InboxParts) {}

  /**
   * What waits for the caller, or for `of`, oldest first. Unless it is only a peek, reading confirms; the person looks into
   * another's inbox without confirming anything in their name. AgencyError('NOT_ALLOWED') for anybody else.
   */
  async read(
    caller: Address,
    of: string | undefined,
    options: { isPeek: boolean; includeRead: boolean; limit: number },
  ): Promise<readonly DeliveryWithMessage[]> {
    const { ledger, roster, clock, gate } = this.parts
    const owner = of === undefined ? caller : roster.resolve(of)
    if (owner !== caller && caller !== HUMAN)
      throw new AgencyError('NOT_ALLOWED', `${caller} may not read the inbox of ${owner}`, { hint: 'agency inbox' })
    const all = await ledger.store.inbox(owner, { isUnread: !options.includeRead, limit: options.limit })
    const closed = await Promise.all(all.map(item => gate(item)))
    const items = all.filter((_, index) => closed[index] === undefined)
    if (options.isPeek || owner !== caller) return items
    const read: DeliveryWithMessage[] = []
    for (const item of items) {
      const moved = await ledger.move(item.delivery.id, {
        event: 'confirm',
        at: clock.now(),
        door: 'inbox',
        evidence: 'read in the inbox',
      })
      read.push(moved ? { ...item, delivery: moved } : item)
    }
    return read
  }

  /** Only the recipient settles a delivery; the person may for anyone. Returns the deliveries that moved. */
  async settle(caller: Address, idOrShort: string, how: Settlement): Promise<readonly Delivery[]> {
    const { ledger, clock } = this.parts
    const found = await ledger.store.find(idOrShort)
    if (!found)
      throw new AgencyError('NOT_FOUND', `there is no message ${JSON.stringify(idOrShort.slice(0, 40))}`, {
        hint: 'agency inbox --all',
      })
    if (found.deliveries.length === 0)
      throw new AgencyError('CONFLICT', `the deliveries of message ${idOrShort} were forgotten by agency dead purge`, {
        hint: `agency trace ${idOrShort}`,
      })
    const own = found.deliveries.filter(delivery => delivery.to === caller)
    const mine = own.length === 0 && caller === HUMAN ? found.deliveries : own
    if (mine.length === 0)
      throw new AgencyError('NOT_ALLOWED', `message ${idOrShort} was not sent to ${caller}`, {
        hint: `agency trace ${idOrShort}`,
      })
    const at = clock.now()
    const moved: Delivery[] = []
    for (const delivery of mine) {
      const evidence = `${caller} said so`
      const change =
        how.event === 'nak'
          ? { event: how.event, at, evidence, notBefore: at + how.delayMs, dueAt: at + how.delayMs }
          : { event: how.event, at, evidence }
      const next = await ledger.move(delivery.id, change)
      if (next) moved.push(next)
      else if (!isThereAlready(delivery, how))
        throw new AgencyError(
          'CONFLICT',
          `delivery to ${delivery.to} is ${delivery.state}: it cannot take ${how.event} now`,
          { hint: `agency trace ${idOrShort}` },
        )
    }
    return moved
  }
}

function isThereAlready(delivery: Delivery, how: Settlement): boolean {
  return delivery.state === 'acked' ? how.event !== 'nak' : delivery.state === 'confirmed' && how.event === 'confirm'
}
