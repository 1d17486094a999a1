import { describe, expect, it } from 'vitest'
import { newId } from '../../src/kernel/ids.ts'
import {
  advance,
  DELIVERY_EVENTS,
  DELIVERY_STATES,
  type Delivery,
  type DeliveryEvent,
  type DeliveryState,
  isFinal,
  mayHaveArrived,
  NEXT,
  queueDelivery,
} from '../../src/model/delivery.ts'

const NOW = 1_800_000_000_000

function delivery(state: DeliveryState, changes: Partial<Delivery> = {}): Delivery {
  const accepted = { id: newId(), messageId: newId(), to: 'Code/a', kind: 'direct', seq: 2, priority: 1 } as const
  const queued = queueDelivery({ ...accepted, ackWanted: false, expiresAt: undefined, ...changes }, NOW)
  const ends = isFinal(state, changes.ackWanted ?? false)
  return { ...queued, state, dueAt: ends ? undefined : NOW, ...changes }
}

interface Step {
  readonly from: Delivery
  readonly event: DeliveryEvent
  readonly to: Delivery
}

/** Every step that the table allows, with and without an ack wanted. */
const STEPS: readonly Step[] = [true, false].flatMap(ackWanted =>
  DELIVERY_STATES.flatMap(state =>
    DELIVERY_EVENTS.flatMap(event => {
      const from = delivery(state, { ackWanted })
      const to = advance(from, { event, at: NOW + 1 })
      return to === 'refuse' ? [] : [{ from, event, to }]
    }),
  ),
)

function violations(isBroken: (step: Step) => boolean): string[] {
  return STEPS.filter(isBroken).map(({ from, event, to }) => `${from.state} ${event} ${to.state}`)
}

const ENDS: readonly DeliveryState[] = ['acked', 'expired', 'dead', 'cancelled']

describe('the table of a delivery', () => {
  it('R-BUS-4 decides every event in every state', () => {
    for (const state of DELIVERY_STATES)
      for (const event of DELIVERY_EVENTS) expect([...DELIVERY_STATES, 'refuse']).toContain(NEXT[state][event])
    expect(Object.keys(NEXT).sort()).toEqual([...DELIVERY_STATES].sort())
  })

  it('R-BUS-4 1: has a due time exactly as long as it is not final', () => {
    expect(violations(({ to }) => (to.dueAt === undefined) !== isFinal(to.state, to.ackWanted))).toEqual([])
    const named = advance(delivery('queued'), { event: 'hold', at: NOW, dueAt: NOW + 7 })
    expect(named).toMatchObject({ state: 'held', dueAt: NOW + 7 })
    const ended = advance(delivery('handed'), { event: 'confirm', at: NOW, dueAt: NOW + 7 })
    expect(ended).toMatchObject({ state: 'confirmed', dueAt: undefined })
  })

  it('R-BUS-4 2: goes back to the queue unmarked only when nothing left', () => {
    const unmarked = violations(
      ({ from, to }) =>
        (mayHaveArrived(from.state) || from.state === 'confirmed') && to.state === 'queued' && !to.isRedelivery,
    )
    expect([...new Set(unmarked)]).toEqual(['handing release queued'])
  })

  it('R-BUS-4 3: is moved by nothing in a final state', () => {
    expect(violations(({ from }) => ENDS.includes(from.state))).toEqual([])
  })

  it('R-BUS-4 4: expires and is withdrawn only before anything left', () => {
    const before: readonly DeliveryState[] = ['queued', 'held', 'claimed']
    const late = ({ from, to }: Step) =>
      (to.state === 'expired' || to.state === 'cancelled') && !before.includes(from.state)
    expect(violations(late)).toEqual([])
  })

  it('R-BUS-4 5: counts an attempt with begin, takes it back when nothing of it left, and with nothing else', () => {
    const counted = ({ from, event }: Step) =>
      event === 'begin' ? 1 : event === 'release' && from.state === 'handing' ? -1 : 0
    expect(violations(step => step.to.attempts - step.from.attempts !== counted(step))).toEqual([])
    expect(violations(({ from, event }) => event === 'begin' && from.state !== 'claimed')).toEqual([])
  })

  it('R-BUS-4 6: keeps its mark as a redelivery', () => {
    for (const { from, event } of STEPS)
      expect(advance({ ...from, isRedelivery: true }, { event, at: NOW })).toMatchObject({ isRedelivery: true })
  })

  it('R-BUS-4 7: is handed over again only on evidence when it is unknown', () => {
    const events = STEPS.filter(({ from }) => from.state === 'unknown').map(({ event }) => event)
    expect([...new Set(events)].sort()).toEqual(['ack', 'bury', 'confirm', 'lose', 'nak', 'retry'])
  })

  it('R-BUS-4 8: can always be buried while it is open', () => {
    for (const state of DELIVERY_STATES.filter(state => !ENDS.includes(state)))
      expect(NEXT[state].bury, state).toBe('dead')
  })

  it('R-BUS-4 9: stays the way of the same message to the same recipient', () => {
    const same = ({ id, messageId, to, kind, seq, priority, expiresAt, ackWanted }: Delivery) =>
      JSON.stringify([id, messageId, to, kind, seq, priority, expiresAt, ackWanted])
    expect(violations(({ from, to }) => same(from) !== same(to))).toEqual([])
  })

  it('R-BUS-4 waits until the time that a hold or a nak names, and not once it is released', () => {
    const held = advance(delivery('queued'), { event: 'hold', at: NOW, notBefore: NOW + 9, reason: 'limited' })
    expect(held).toMatchObject({ notBefore: NOW + 9, reason: 'limited' })
    expect(advance(held as Delivery, { event: 'release', at: NOW })).toMatchObject({ notBefore: 0, reason: undefined })
  })
})

describe('a delivery that is accepted', () => {
  it('R-BUS-4 is looked at when its time to live ends, if that is sooner', () => {
    const { id, messageId } = delivery('queued')
    const accepted = { id, messageId, to: 'human', kind: 'copy', seq: 1, priority: 1, ackWanted: true } as const
    expect(queueDelivery({ ...accepted, expiresAt: NOW + 5 }, NOW)).toMatchObject({ dueAt: NOW + 5, ackWanted: false })
    expect(queueDelivery({ ...accepted, expiresAt: undefined }, NOW).dueAt).toBe(NOW + 30_000)
  })
})
