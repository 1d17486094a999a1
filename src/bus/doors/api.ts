/** The API door: a program that takes prompts over a socket, from a file, or through an extension. */
import type { Driver } from '../../drivers/driver.ts'
import { shortId } from '../../kernel/ids.ts'
import type { AgentRecord } from '../../model/agent.ts'
import { redeliveryNumber } from '../../model/delivery.ts'
import { signOf } from '../../model/header.ts'
import type { DeliveryWithMessage } from '../../storage/store.ts'
import type { PaneId } from '../../terminal/terminal.ts'
import type { Links } from '../links.ts'
import { typedText } from '../mail.ts'
import { showsInTranscript } from '../transcript.ts'
import type { Door, DoorParts } from './door.ts'

/** The program's own event is expected within this time; then it is asked. */
const CONFIRM_MS = 5_000
const LOOK_AGAIN_MS = 3_000
/** Without a program there is nobody to ask: the next start asks for a look itself. */
const ABSENT_MS = 30_000
const UNDECIDED_MS = 600_000
const REFUSED_MS = 500

export function apiDoor(parts: DoorParts & { readonly links: Links }): Door {
  const { ledger, terminal, clock, settings, workspace, links } = parts
  const sign = ({ delivery, message }: DeliveryWithMessage) =>
    signOf({ nonce: shortId(message.id), redelivery: redeliveryNumber(delivery) })

  async function send(item: DeliveryWithMessage, agent: AgentRecord, driver: Driver): Promise<void> {
    const { delivery, message } = item
    const link = await links.of(agent, driver)
    const options = { redelivery: redeliveryNumber(delivery), mailOver: settings.delivery.mailOver }
    const text = await typedText(workspace, message, delivery.to, options)
    const interrupts = message.whileBusy === 'interrupt'
    if (interrupts && !link.canInterrupt && agent.state === 'busy')
      for (const key of driver.interrupt) await terminal.pressKey(agent.pane as PaneId, key)
    const answer = await link.submit({ text, sign: sign(item), id: message.id, interrupts })
    const at = clock.now()
    if (answer.kind === 'refused') {
      await ledger.move(delivery.id, { event: 'release', at, evidence: answer.reason, notBefore: at + REFUSED_MS })
      return
    }
    ledger.reach('submit:after')
    await ledger.move(delivery.id, { event: 'hand', at, evidence: answer.evidence, dueAt: at + CONFIRM_MS })
    if (answer.isProof) await ledger.move(delivery.id, { event: 'confirm', at, evidence: answer.evidence })
  }

  /** What the program's conversation says of a hand-over. */
  async function find(item: DeliveryWithMessage, agent: AgentRecord, driver: Driver) {
    if (await showsInTranscript(agent.transcript, sign(item))) return 'there'
    if (agent.pid === undefined || agent.state === 'dead') return 'absent'
    return links
      .of(agent, driver)
      .then(link => link.find(sign(item)))
      .catch(() => 'unknown' as const)
  }

  return {
    async obstacle(agent, driver, { whileBusy }) {
      if (agent.pid === undefined) return { reason: 'its program is not running yet' }
      const mayGo = agent.state === 'ready' || (agent.state === 'busy' && whileBusy !== 'wait')
      const reason = mayGo ? (await links.of(agent, driver)).obstacle() : `the agent is ${agent.state} (${agent.rule})`
      return reason === undefined ? undefined : { reason, until: agent.limitedUntil }
    },

    // One at a time: the next one waits until the program has told of this one.
    room: (_agent, underWay) =>
      underWay.some(({ state }) => ['claimed', 'handing', 'handed'].includes(state)) ? 0 : 1,

    async handOver(item, agent, driver) {
      const { id } = item.delivery
      const begun = await ledger.move(id, {
        ...{ event: 'begin', at: clock.now(), door: 'api', instance: agent.instance },
      })
      if (begun) await send({ ...item, delivery: begun }, agent, driver)
    },

    async resolve(item, agent, driver) {
      const { id, instance, since } = item.delivery
      const at = clock.now()
      const found = await find(item, agent, driver)
      if (found === 'there') await ledger.move(id, { event: 'confirm', at, evidence: 'its conversation holds it' })
      else if (found === 'absent' && instance === agent.instance) await ledger.store.postpone(id, at + ABSENT_MS)
      else if (found === 'nowhere' || instance !== agent.instance)
        await ledger.move(id, { event: 'retry', at, evidence: 'its conversation does not hold it' })
      else if (at - since < UNDECIDED_MS) await ledger.store.postpone(id, at + LOOK_AGAIN_MS)
      else await ledger.move(id, { event: 'lose', at, reason: 'the program has not said that it has it' })
    },
  }
}
