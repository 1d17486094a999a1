/** The hook door: at the end of a turn the program asks, and gets the next message as the answer. Nothing is typed. */
import type { Roster } from '../../agencies/roster.ts'
import type { Settings } from '../../config/settings.ts'
import type { Workspace } from '../../config/workspace.ts'
import type { Driver, Drivers } from '../../drivers/driver.ts'
import { until } from '../../kernel/abort.ts'
import type { Clock } from '../../kernel/clock.ts'
import { shortId } from '../../kernel/ids.ts'
import { isObject } from '../../kernel/json.ts'
import type { KeyedLock } from '../../kernel/keyedLock.ts'
import type { AgentRecord } from '../../model/agent.ts'
import { redeliveryNumber } from '../../model/delivery.ts'
import { signOf } from '../../model/header.ts'
import { sayHolds } from '../../model/holds.ts'
import type { DeliveryWithMessage } from '../../storage/store.ts'
import { takeHook } from '../confirm.ts'
import type { Endings } from '../endings.ts'
import type { Ledger } from '../ledger.ts'
import { typedText } from '../mail.ts'
import { showsInTranscript } from '../transcript.ts'
import type { MessageGate } from './door.ts'

export interface HookDoorParts {
  readonly workspace: Workspace
  readonly settings: Settings
  readonly roster: Roster
  readonly drivers: Drivers
  readonly ledger: Ledger
  readonly endings: Endings
  readonly clock: Clock
  readonly hands: KeyedLock
  readonly gate: MessageGate
  /** Takes in what its hooks have told before this one. */
  readonly takeSpool: (address: string) => Promise<void>
}

const PROOF_MS = 2_000

export class HookDoor {
  /** How many answers in a row an agent has been given. */
  readonly #inARow = new Map<string, number>()

  constructor(private readonly parts: HookDoorParts) {}

  /** What the hook is to print: the next message in the program's own form, or nothing when none waits. */
  async answer(address: string, event: string, payload: unknown): Promise<string> {
    const { roster, drivers, hands, takeSpool } = this.parts
    await takeSpool(address)
    return hands.run(address, async () => {
      const agent = roster.agent(address)
      const driver = await drivers.get(agent.driver)
      const row = isContinued(payload) ? (this.#inARow.get(address) ?? 0) : 0
      const item = row < (driver.boundary?.atMost ?? 0) ? await this.#next(agent, driver, event) : undefined
      if (!item) {
        await takeHook(this.parts, address, driver, event, payload)
        return ''
      }
      const text = await this.#handOver(item, agent, driver)
      if (text === undefined) return ''
      this.#inARow.set(address, row + 1)
      const words = { state: 'busy' as const, rule: `hook ${event}`, evidence: 'it was answered with the next message' }
      await roster.observe(address, words, this.parts.clock.now())
      return driver.boundary!.answer(text)
    })
  }

  async #next(agent: AgentRecord, driver: Driver, event: string): Promise<DeliveryWithMessage | undefined> {
    const { ledger, clock, endings, gate } = this.parts
    const mayAnswer = driver.boundary?.event === event && driver.doors.includes('hook')
    const isOpenTo = agent.desired === 'running' && agent.state !== 'dead' && sayHolds(agent) === undefined
    if (!mayAnswer || !isOpenTo) return undefined
    const isOpen = (await ledger.store.underWay(agent.address)).some(({ state }) =>
      ['claimed', 'handing', 'handed'].includes(state),
    )
    // What was handed over and has no evidence yet is decided first.
    if (isOpen) return undefined
    for (;;) {
      const [item] = await ledger.claim(agent.address, clock.now(), 1)
      if (!item) return undefined
      const closed = await gate(item)
      if (closed)
        await ledger.move(item.delivery.id, {
          ...{ event: 'hold', at: clock.now(), reason: closed.reason, notBefore: closed.until },
        })
      else if (endings.isSpent(item.delivery)) await endings.burySpent(item)
      else return item
    }
  }

  /** Undefined when something else has moved the delivery meanwhile. */
  async #handOver(
    { delivery, message }: DeliveryWithMessage,
    agent: AgentRecord,
    driver: Driver,
  ): Promise<string | undefined> {
    const { ledger, clock, workspace, settings } = this.parts
    const begun = await ledger.move(delivery.id, {
      ...{ event: 'begin', at: clock.now(), door: 'hook', instance: agent.instance },
    })
    if (!begun) return undefined
    const redelivery = redeliveryNumber(begun)
    const mailOver = driver.boundary!.alters(message.body) ? 0 : settings.delivery.mailOver
    const text = await typedText(workspace, message, begun.to, { redelivery, mailOver })
    await ledger.move(delivery.id, {
      ...{ event: 'hand', at: clock.now(), evidence: 'given to the program as the answer of its hook' },
      dueAt: clock.now() + PROOF_MS,
    })
    void this.#awaitProof(begun.id, agent.address, signOf({ nonce: shortId(message.id), redelivery })).catch(
      () => undefined,
    )
    return text
  }

  /** Its transcript shows what it has taken; without one, the sweeper looks at the screen. */
  async #awaitProof(delivery: DeliveryWithMessage['delivery']['id'], address: string, sign: string): Promise<void> {
    const { ledger, clock, roster } = this.parts
    const isThere = () => showsInTranscript(roster.agents.get(address)?.transcript, sign)
    if (!(await until(isThere, { timeoutMs: PROOF_MS, everyMs: 50 }))) return
    await ledger.move(delivery, { event: 'confirm', at: clock.now(), evidence: 'its transcript holds it' })
  }
}

/** The turn that ends was itself begun by an answer. */
function isContinued(payload: unknown): boolean {
  return isObject(payload) && payload.stop_hook_active === true
}
