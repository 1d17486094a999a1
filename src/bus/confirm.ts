/** Evidence that comes from the programs themselves: hooks that carry our nonce confirm, and tell the agent's state. */
import type { Roster } from '../agencies/roster.ts'
import type { Driver, HookReading } from '../drivers/driver.ts'
import type { Clock } from '../kernel/clock.ts'
import { shortId } from '../kernel/ids.ts'
import { redeliveryNumber } from '../model/delivery.ts'
import { parseHeader, signOf } from '../model/header.ts'
import type { Address } from '../model/names.ts'
import type { Ledger } from './ledger.ts'

export interface ConfirmParts {
  readonly ledger: Ledger
  readonly roster: Roster
  readonly clock: Clock
}

export async function takeHook(
  parts: ConfirmParts,
  address: Address,
  driver: Driver,
  event: string,
  payload: unknown,
): Promise<void> {
  const { ledger, roster, clock } = parts
  const reading = driver.readHook(event, payload)
  // Death is a fact of processes, which the supervisor judges: a program also tells of an end when its conversation is
  // cleared, and a hook that comes late must not bring back to life what was found dead.
  const isOver = ['dead', 'stopped'].includes(roster.agents.get(address)?.state ?? 'stopped')
  await remember(roster, address, reading)
  if (reading.state && !isOver) {
    const evidence = reading.question ?? reading.state.evidence
    await roster.observe(address, { ...reading.state, evidence }, clock.now())
  }
  if (reading.prompt === undefined) return
  const signs = new Set(signsIn(reading.prompt))
  if (signs.size === 0) return
  for (const delivery of await ledger.store.underWay(address)) {
    const nonce = shortId(delivery.messageId)
    // This very hand-over: what was said of an earlier one does not tell whether the present one stands in a composer.
    const isMeant = signs.has(signOf({ nonce, redelivery: redeliveryNumber(delivery) }))
    if (isMeant && delivery.state !== 'confirmed')
      await ledger.move(delivery.id, { event: 'confirm', at: clock.now(), evidence: `hook ${event} carried ${nonce}` })
  }
}

/** What the program calls its conversation, and where it writes it down. */
async function remember(roster: Roster, address: Address, reading: HookReading): Promise<void> {
  const record = roster.agents.get(address)
  if (!record) return
  const conversation = reading.conversation ?? record.conversation
  const transcript = reading.transcript ?? record.transcript
  if (conversation !== record.conversation || transcript !== record.transcript)
    await roster.saveAgent({ ...record, conversation, transcript })
}

/** A prompt may hold several messages, when the program merged what was queued. */
function signsIn(prompt: string): readonly string[] {
  return prompt.split(/(?=\[[\w/-]+ → )/u).flatMap(part => {
    const found = parseHeader(part)
    return found ? [signOf(found.header)] : []
  })
}
