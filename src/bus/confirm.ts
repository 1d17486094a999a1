/** Evidence that comes from the programs themselves: hooks that carry our nonce confirm, and tell the agent's state. */
import type { Roster } from '../agencies/roster.ts'
import type { Driver } from '../drivers/driver.ts'
import type { Clock } from '../kernel/clock.ts'
import { shortId } from '../kernel/ids.ts'
import { parseHeader } from '../model/header.ts'
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
  if (reading.state && !isOver) {
    const evidence = reading.question ?? reading.state.evidence
    await roster.observe(address, { ...reading.state, evidence }, clock.now())
  }
  if (reading.prompt === undefined) return
  const nonces = new Set(noncesIn(reading.prompt))
  if (nonces.size === 0) return
  for (const delivery of await ledger.store.underWay(address))
    if (nonces.has(shortId(delivery.messageId)) && delivery.state !== 'confirmed')
      await ledger.move(delivery.id, {
        event: 'confirm',
        at: clock.now(),
        evidence: `hook ${event} carried ${shortId(delivery.messageId)}`,
      })
}

/** A prompt may hold several messages, when the program merged what was queued. */
function noncesIn(prompt: string): readonly string[] {
  return prompt.split(/(?=\[[\w/-]+ → )/u).flatMap(part => parseHeader(part)?.header.nonce ?? [])
}
