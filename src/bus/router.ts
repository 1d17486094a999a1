/** One lane for each agent: deliveries leave one after the other, by priority and then by order of acceptance. */
import type { Roster } from '../agencies/roster.ts'
import type { Driver, Drivers } from '../drivers/driver.ts'
import { Wakeup } from '../kernel/abort.ts'
import type { Clock } from '../kernel/clock.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { KeyedLock } from '../kernel/keyedLock.ts'
import type { Log } from '../kernel/log.ts'
import type { AgentRecord } from '../model/agent.ts'
import type { Delivery, Door as DoorName } from '../model/delivery.ts'
import { sayHolds } from '../model/holds.ts'
import type { Message } from '../model/message.ts'
import type { Address } from '../model/names.ts'
import { limitEnd } from '../model/resetTime.ts'
import type { DeliveryWithMessage } from '../storage/store.ts'
import type { Door, MessageGate, Obstacle } from './doors/door.ts'
import type { Endings } from './endings.ts'
import type { Ledger } from './ledger.ts'

export interface RouterParts {
  readonly roster: Roster
  readonly drivers: Drivers
  readonly ledger: Ledger
  readonly endings: Endings
  readonly doors: Partial<Record<DoorName, Door>>
  /** One hand at each agent: what is handed over, pressed or looked for does not overlap. */
  readonly hands: KeyedLock
  readonly gate: MessageGate
  readonly clock: Clock
  readonly log: Log
}

/** While something waits for an agent that is not ready, its door is tried this often; a wake-up comes sooner. */
const RETRY_MS = 250
const IDLE_MS = 60_000
/** Somebody is at this agent just now: what became of the rest is asked a little later. */
const OCCUPIED_MS = 500
const HELD_MS = 60_000

export class Router {
  readonly #lanes = new Map<Address, { wakeup: Wakeup; done: Promise<void> }>()
  #signal: AbortSignal | undefined

  constructor(private readonly parts: RouterParts) {}

  /** Opens lanes until the signal aborts. */
  start(signal: AbortSignal): void {
    this.#signal = signal
    for (const address of this.parts.roster.agents.keys()) this.wake(address)
  }

  /** Something changed for this agent: a message came, or its state did. */
  wake(address: Address): void {
    const lane = this.#lanes.get(address)
    if (lane) lane.wakeup.wake()
    else if (this.#signal && !this.#signal.aborted && this.parts.roster.agents.has(address))
      this.#open(address, this.#signal)
  }

  async stop(): Promise<void> {
    for (const lane of this.#lanes.values()) lane.wakeup.wake()
    await Promise.all([...this.#lanes.values()].map(lane => lane.done))
  }

  #open(address: Address, signal: AbortSignal): void {
    const wakeup = new Wakeup()
    this.#lanes.set(address, { wakeup, done: this.#run(address, wakeup, signal) })
  }

  async #run(address: Address, wakeup: Wakeup, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.parts.roster.agents.has(address)) {
      const waitMs = await this.tick(address, signal).catch((error: unknown) => {
        // One lane's failure is its own: the others go on, and this one tries again.
        this.parts.log.error({ err: error, agent: address }, 'a lane failed')
        return 1000
      })
      if (!signal.aborted) await wakeup.wait(waitMs, signal)
    }
    this.#lanes.delete(address)
  }

  /** Hands over what can go now. Returns how long to wait for the next look, in milliseconds; 0 when there is more to do. */
  async tick(address: Address, signal: AbortSignal): Promise<number> {
    const { roster, ledger, clock, endings } = this.parts
    const agent = roster.agents.get(address)
    if (!agent) return IDLE_MS
    const waiting = await ledger.store.next(address, clock.now())
    if (!waiting) return IDLE_MS
    const closed = await this.parts.gate(waiting)
    if (closed) {
      await this.#hold(waiting.delivery, closed)
      return 0
    }
    const { driver, door } = await this.#door(agent)
    const obstacle = door
      ? await this.#obstacle(agent, driver, door, waiting.message)
      : { reason: `no composer: ${driver.title} takes no messages; read them with agency inbox` }
    if (obstacle || !door) {
      await this.#hold(waiting.delivery, obstacle ?? { reason: 'it has no door' })
      if (obstacle?.limit !== undefined) await this.#noteLimit(agent, obstacle.limit, obstacle.until)
      // Whoever lets go of a hold wakes this lane.
      return door && agent.desired === 'running' && sayHolds(agent) === undefined ? RETRY_MS : IDLE_MS
    }
    const underWay = await ledger.store.underWay(address)
    const room = door.room(agent, underWay)
    if (room <= 0) {
      await this.#sayUnanswered(waiting.delivery, underWay)
      return IDLE_MS
    }
    const claimed = await ledger.claim(address, clock.now(), room)
    for (const item of claimed) {
      if (signal.aborted) return 0
      // Whatever brought it back, a nak or a program that died of it, it is not tried for ever.
      if (endings.isSpent(item.delivery)) await endings.burySpent(item)
      else
        await this.parts.hands
          .run(address, () => this.#handOver(door, item, driver, signal))
          .catch(error => this.#gaveUp(error, address))
    }
    return claimed.length > 0 ? 0 : RETRY_MS
  }

  /** What was claimed before a hold came goes back; so does what was claimed with others, and may not be read yet. */
  async #handOver(door: Door, item: DeliveryWithMessage, driver: Driver, signal: AbortSignal): Promise<void> {
    const { roster, ledger, clock } = this.parts
    const agent = roster.agent(item.delivery.to)
    const held = sayHolds(agent)
    const closed = held === undefined ? await this.parts.gate(item) : { reason: held }
    if (!closed) return door.handOver(item, agent, driver, signal)
    const { reason, until: notBefore } = closed as Obstacle
    await ledger.move(item.delivery.id, { event: 'hold', at: clock.now(), reason, ...(notBefore ? { notBefore } : {}) })
  }

  /** The screen was read to type: everybody is told that it shows a usage limit. */
  async #noteLimit(agent: AgentRecord, rule: string, until: number | undefined): Promise<void> {
    const { address, state, evidence } = agent
    if (state === 'dead' || state === 'stopped') return
    const limitedUntil = limitEnd(agent, until, this.parts.clock.now())
    const reading = { state: 'limited' as const, rule, evidence: state === 'limited' ? evidence : '' }
    await this.parts.roster.observe(address, reading, this.parts.clock.now(), { limitedUntil })
  }

  /** Looked at again within a minute, also when its obstacle names a later time: a person may have cleared it. */
  async #hold({ id, reason }: Delivery, obstacle: Obstacle): Promise<void> {
    const at = this.parts.clock.now()
    const notBefore = obstacle.until === undefined ? undefined : Math.min(obstacle.until, at + HELD_MS)
    if (reason !== obstacle.reason || notBefore !== undefined)
      await this.parts.ledger.move(id, {
        event: 'hold',
        at,
        reason: obstacle.reason,
        ...(notBefore ? { notBefore } : {}),
      })
  }

  /** What waits behind messages that a program does not answer says so. */
  async #sayUnanswered({ id, reason }: Delivery, underWay: readonly Delivery[]): Promise<void> {
    const count = underWay.filter(({ state }) => state === 'unknown').length
    const why = `${count} messages before it are unanswered`
    if (count > 0 && reason !== why)
      await this.parts.ledger.move(id, { event: 'hold', at: this.parts.clock.now(), reason: why })
  }

  async #door(agent: AgentRecord): Promise<{ driver: Driver; door: Door | undefined }> {
    const driver = await this.parts.drivers.get(agent.driver)
    const name = driver.doors.find(candidate => this.parts.doors[candidate] !== undefined)
    return { driver, door: name && this.parts.doors[name] }
  }

  async #obstacle(agent: AgentRecord, driver: Driver, door: Door, message: Message): Promise<Obstacle | undefined> {
    if (agent.desired === 'stopped') return { reason: 'the agent is stopped' }
    const held = sayHolds(agent)
    if (held !== undefined) return { reason: held }
    if (agent.state === 'dead') return { reason: `the agent is dead: ${agent.evidence}` }
    return door.obstacle(agent, driver, message).catch((error: unknown) => {
      if (error instanceof AgencyError) return { reason: error.message }
      throw error
    })
  }

  /** The pane or the server went away in the middle: the delivery stays where it is recorded, and the sweeper looks again. */
  #gaveUp(error: unknown, agent: Address): void {
    if (!(error instanceof AgencyError)) throw error
    this.parts.log.warn({ agent, code: error.code, err: error.message }, 'a hand-over was cut short')
  }

  /** Decides about a hand-over that has no evidence. */
  async resolve(item: Awaited<ReturnType<Ledger['store']['due']>>[number]): Promise<void> {
    const { roster, drivers, doors, hands, ledger, clock } = this.parts
    const { id, to, state } = item.delivery
    if (hands.isHeld(to)) return ledger.store.postpone(id, clock.now() + OCCUPIED_MS)
    await hands.run(to, async () => {
      const agent = roster.agents.get(to)
      const found = await ledger.store.find(id)
      const delivery = found?.deliveries.find(candidate => candidate.id === id)
      // Meanwhile a hook may have told, or the lane: then there is nothing to find out.
      if (!agent || !delivery || delivery.state !== state) return
      // By the door it left through, also when the agent's driver has another one now. What a hook handed in is looked for on the screen.
      const door = doors[delivery.door === undefined || delivery.door === 'hook' ? 'typing' : delivery.door]
      await door?.resolve({ ...item, delivery }, agent, await drivers.get(agent.driver))
    })
  }
}
