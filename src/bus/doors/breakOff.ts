/** Breaks off the turn of a program that is typed into. What it puts back into its composer was not said: that goes again. */
import type { Driver } from '../../drivers/driver.ts'
import { until } from '../../kernel/abort.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { AgentRecord } from '../../model/agent.ts'
import { parseHeader } from '../../model/header.ts'
import type { Look } from '../../model/typing.ts'
import type { Store } from '../../storage/store.ts'
import type { PaneId, Terminal } from '../../terminal/terminal.ts'
import type { Ledger } from '../ledger.ts'

export interface BreakOffParts {
  readonly terminal: Pick<Terminal, 'pressKey'>
  readonly ledger: Pick<Ledger, 'move'> & { readonly store: Pick<Store, 'find' | 'messages'> }
  readonly clock: Clock
  readonly look: (agent: AgentRecord, driver: Driver) => Promise<Look>
}

/** How long a program may take to give its prompt back when it is interrupted, and to empty its composer. */
const INTERRUPT_MS = 5_000
const CLEAR_MS = 1_000

/** Its screen afterwards, whatever it shows. */
export async function breakOff(
  parts: BreakOffParts,
  agent: AgentRecord,
  driver: Driver,
  signal: AbortSignal,
): Promise<Look> {
  const { terminal, look } = parts
  for (const key of driver.interrupt) await terminal.pressKey(agent.pane as PaneId, key)
  const isFree = async () => (await look(agent, driver)).state === 'ready'
  await until(isFree, { timeoutMs: INTERRUPT_MS, everyMs: 50, signal })
  const seen = await look(agent, driver)
  if (seen.state !== 'ready' || !seen.composer || driver.clear.length === 0) return seen
  // What a person has typed meanwhile stays.
  if (!(await giveBack(parts, agent, seen))) return seen
  for (const key of driver.clear) await terminal.pressKey(agent.pane as PaneId, key)
  await until(async () => (await look(agent, driver)).composer === '', { timeoutMs: CLEAR_MS, everyMs: 50, signal })
  return look(agent, driver)
}

/** The message in the composer had been confirmed: it goes again after this one, marked. False when it is none of ours. */
async function giveBack({ ledger, clock }: BreakOffParts, agent: AgentRecord, seen: Look): Promise<boolean> {
  const { address } = agent
  const shown = parseHeader(seen.composer!.replace(/\n\s*/g, ' '))?.header.nonce
  // A stand-in for a long paste names nobody: it was the last one then.
  const [last] = seen.isChip ? await ledger.store.messages({ involving: address, state: 'confirmed' }, 1) : []
  const found = shown === undefined ? last : await ledger.store.find(shown).catch(() => undefined)
  const delivery = found?.deliveries.find(({ to, kind }) => to === address && kind === 'direct')
  if (!delivery) return false
  const evidence = 'it was broken off before the program had begun with it, and stood in the composer again'
  await ledger.move(delivery.id, { event: 'retry', at: clock.now(), evidence })
  return true
}
