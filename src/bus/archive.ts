/** What was said and what became of it: found, listed, traced. */
import type { Roster } from '../agencies/roster.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { Delivery, DeliveryState } from '../model/delivery.ts'
import type { Message, MessageWithDeliveries } from '../model/message.ts'
import { EXTERNAL, HUMAN, SYSTEM } from '../model/names.ts'
import type { Unit } from '../model/unit.ts'
import type { ListedMessage, MessageFilter, Store } from '../storage/store.ts'

export interface Trace {
  readonly message: Message
  readonly deliveries: readonly (Delivery & { readonly events: readonly TraceEvent[] })[]
  readonly replies: readonly Message[]
}

export interface TraceEvent {
  readonly at: number
  readonly state: DeliveryState
  readonly event: string
  readonly evidence?: string
  readonly reason?: string
}

const VOICES: ReadonlySet<string> = new Set([HUMAN, SYSTEM, EXTERNAL])

export class Archive {
  constructor(private readonly parts: { readonly store: Store; readonly roster: Roster }) {}

  /** By id or short id. AgencyError('NOT_FOUND') when nobody said that. */
  async find(idOrShort: string): Promise<MessageWithDeliveries> {
    const found = await this.parts.store.find(idOrShort)
    if (found) return found
    throw new AgencyError('NOT_FOUND', `there is no message ${JSON.stringify(idOrShort.slice(0, 60))}`, {
      hint: 'agency messages',
    })
  }

  list(filter: MessageFilter, limit: number): Promise<readonly ListedMessage[]> {
    return this.parts.store.messages(filter, limit)
  }

  /** A message's whole life. */
  async trace(idOrShort: string): Promise<Trace> {
    const { store } = this.parts
    const { message, deliveries } = await this.find(idOrShort)
    const events = await Promise.all(deliveries.map(delivery => store.units({ subject: delivery.id }, 1000)))
    return {
      message,
      deliveries: deliveries.map((delivery, index) => ({ ...delivery, events: events[index]!.map(toTraceEvent) })),
      replies: await store.replies(message.id),
    }
  }

  /** The filter with an alias spelled out. AgencyError('NOT_FOUND') when it names somebody who never was; of a removed agency the messages stay. */
  async knownFilter(filter: MessageFilter): Promise<MessageFilter> {
    const { roster, store } = this.parts
    const { involving, agency } = filter
    const name = involving ?? agency
    if (name === undefined || VOICES.has(name)) return filter
    try {
      if (involving === undefined) roster.agency(name)
      else return { ...filter, involving: roster.resolve(involving) }
    } catch (error) {
      const traces = await store.messages(involving === undefined ? { agency: name } : { involving: name }, 1)
      if (traces.length === 0) throw error
    }
    return filter
  }
}

function toTraceEvent(unit: Unit): TraceEvent {
  const { state, event, evidence, reason } = unit.metadata
  return {
    at: unit.at,
    state: state as DeliveryState,
    event: String(event),
    ...(typeof evidence === 'string' ? { evidence } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  }
}
