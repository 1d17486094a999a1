/** Counts what is handed to agents that may have so many messages a day, and holds the rest of the day's back. */
import type { Roster } from '../agencies/roster.ts'
import type { LedgerEvent } from '../bus/ledger.ts'
import type { Clock } from '../kernel/clock.ts'
import type { AgentRecord, Hold } from '../model/agent.ts'
import { type Amounts, dayOf, exceeded, nextMidnight, sayUse } from '../model/agentLimits.ts'
import { withHold } from '../model/holds.ts'
import { type Address, SYSTEM } from '../model/names.ts'

export interface TallyParts {
  readonly roster: Roster
  readonly clock: Clock
  readonly limits: (record: AgentRecord) => Amounts
}

export class Tally {
  constructor(private readonly parts: TallyParts) {}

  /** Counted where it is handed over, so that the hold is there before the next one is claimed. */
  async take(event: LedgerEvent): Promise<void> {
    if (event.kind !== 'moved' || event.change.event !== 'hand') return
    const { roster, clock, limits } = this.parts
    const record = roster.agents.get(event.delivery.to)
    const limit = record && limits(record).messagesPerDay
    if (!record || limit === undefined) return
    const now = clock.now()
    const day = dayOf(now)
    const messages = record.spent?.day === day ? record.spent.messages + 1 : 1
    const counted = { ...record, spent: { day, messages } }
    const isSpent = exceeded({ messagesPerDay: limit }, { messagesPerDay: messages }).length > 0
    const isLifted = (record.lifted?.messagesPerDay ?? 0) > now
    if (!isSpent || isLifted) return roster.saveAgent(counted)
    const why = `${sayUse('messagesPerDay', messages, limit)} used`
    const hold: Hold = {
      ...{ kind: 'limit', by: SYSTEM, at: now, until: nextMidnight(now), why, limit: 'messagesPerDay' },
    }
    await roster.saveAgent({ ...counted, holds: withHold(record, hold) }, told(record.address, why, now))
  }
}

function told(address: Address, why: string, at: number) {
  const type = 'decision' as const
  return { type, agent: SYSTEM, at, metadata: { what: 'limit messagesPerDay', why }, payload: `${address}: ${why}` }
}
