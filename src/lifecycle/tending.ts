/** agency pause, resume, drain: reasons that are put on agents and taken off them, with who and why. The programs go on living. */
import { AgencyError } from '../kernel/errors.ts'
import type { AgentRecord, Hold, HoldKind } from '../model/agent.ts'
import { isPerDay, type LimitKind, nextMidnight } from '../model/agentLimits.ts'
import { findHold, holdsOf, keepsDown, mayLift, sayHold, withHold, without } from '../model/holds.ts'
import { type Address, HUMAN } from '../model/names.ts'
import type { LifecycleParts } from './parts.ts'

export interface Asked {
  readonly caller: Address
  readonly why: string
}

/** What became of each agent. */
export interface Tended {
  readonly agent: Address
  /** False when there was nothing to change. */
  readonly isChanged: boolean
  /** What holds it now, in words. */
  readonly holds: readonly string[]
}

export async function hold(
  parts: LifecycleParts,
  address: Address,
  kind: Extract<HoldKind, 'paused' | 'draining'>,
  { caller, why }: Asked,
): Promise<Tended> {
  const { roster, clock, hands } = parts
  const before = findHold(roster.agent(address), kind)
  // Said again by the person it is theirs; a coordinator does not take it over from them.
  const isKnown =
    before !== undefined && (before.by === caller || before.by === HUMAN) && (why === '' || before.why === why)
  if (!isKnown) {
    const added: Hold = { kind, by: caller, at: clock.now(), why }
    await change(parts, address, record => ({ holds: withHold(record, added) }), `${sayHold(added)}`, caller)
    // A hand-over that had begun is let come to its end: when this returns, nothing more goes in.
    await hands.run(address, async () => undefined)
  }
  return { agent: address, isChanged: !isKnown, holds: holdsOf(roster.agent(address)).map(sayHold) }
}

/** Takes off what the caller may: a pause, a drain; for the person also a limit, until the end of the day. */
export async function resume(parts: LifecycleParts, address: Address, { caller, why }: Asked): Promise<Tended> {
  const { roster } = parts
  const lifted = holdsOf(roster.agent(address)).filter(entry => mayLift(entry, caller))
  const theirs = holdsOf(roster.agent(address)).find(entry => entry.by === HUMAN && !mayLift(entry, caller))
  if (lifted.length === 0 && theirs)
    throw new AgencyError(
      'NOT_ALLOWED',
      `${address} is ${sayHold(theirs)}: what the person has said, the person takes back`,
      {
        hint: '"$AGENCY_BIN" send human "…" asks for it',
      },
    )
  if (lifted.length > 0) await lift(parts, address, entry => mayLift(entry, caller), { caller, why: why || 'resumed' })
  return { agent: address, isChanged: lifted.length > 0, holds: holdsOf(roster.agent(address)).map(sayHold) }
}

/** Takes holds off and has a program that they kept down started. A limit that is lifted is not enforced again before the day is over. */
export async function lift(
  parts: LifecycleParts,
  address: Address,
  isMeant: (hold: Hold) => boolean,
  { caller, why }: Asked,
): Promise<void> {
  const now = parts.clock.now()
  const gone = holdsOf(parts.roster.agent(address)).filter(isMeant)
  if (gone.length === 0) return
  await change(
    parts,
    address,
    record => {
      const holds = without(record, isMeant)
      const starts = record.state === 'dead' && gone.some(keepsDown) && !holds.some(keepsDown)
      return {
        holds,
        lifted: { ...record.lifted, ...liftedLimits(gone, now) },
        ...(starts ? { nextStartAt: now } : {}),
      }
    },
    `${why} (was ${gone.map(sayHold).join('; ')})`,
    caller,
  )
}

/** What a new start measures anew needs no such promise. */
function liftedLimits(gone: readonly Hold[], now: number): Partial<Record<LimitKind, number>> {
  const kinds = gone.flatMap(({ limit }) => (limit !== undefined && isPerDay(limit) ? [limit] : []))
  return Object.fromEntries(kinds.map(kind => [kind, nextMidnight(now)]))
}

async function change(
  { roster, clock }: LifecycleParts,
  address: Address,
  next: (record: AgentRecord) => Partial<AgentRecord>,
  why: string,
  by: Address,
): Promise<void> {
  const record = roster.agent(address)
  const unit = { type: 'decision' as const, agent: by, at: clock.now(), metadata: { what: 'holds', why } }
  await roster.saveAgent({ ...record, ...next(record) }, { ...unit, payload: `${address}: ${why}` })
}
