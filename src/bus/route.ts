/** Who speaks, and who hears: voices, policies, copies and groups. */
import type { Roster } from '../agencies/roster.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { MessageWithDeliveries } from '../model/message.ts'
import { type Address, agencyOf, EXTERNAL, HUMAN, SYSTEM } from '../model/names.ts'
import type { Recipient } from '../storage/store.ts'

export interface Route {
  readonly to: string
  readonly recipients: readonly Recipient[]
}

/** An agent speaks as itself or, if it coordinates, for its agency; the person may speak as anyone. Returns the voice. */
export function checkVoice(roster: Roster, caller: Address, from: string | undefined): Address {
  if (from === undefined) return caller
  if (caller === SYSTEM) return from
  const voice = from === HUMAN || from === EXTERNAL ? from : roster.resolve(from)
  if (voice === caller || caller === HUMAN) return voice
  throw new AgencyError('NOT_ALLOWED', `${caller} may not speak as ${voice}`, {
    hint: roster.isCoordinator(caller)
      ? `a coordinator speaks for its own agency: --from ${agencyOf(caller)}`
      : 'leave --from out: you speak as yourself',
  })
}

export interface Journey {
  readonly from: Address
  readonly caller: Address
  readonly target: string
  /** The message that this one answers. */
  readonly answered: MessageWithDeliveries | undefined
}

export function planRoute(roster: Roster, { from, caller, target, answered }: Journey): Route {
  const to = roster.resolve(target)
  if (to === from) throw new AgencyError('USAGE', `${from} cannot send to itself`, { hint: 'agency list' })
  if (to === HUMAN) return { to, recipients: [direct(HUMAN)] }
  const fromAgency = agencyOf(from)
  const toAgency = agencyOf(to)!
  const isPerson = caller === HUMAN || from === HUMAN || from === SYSTEM
  if (fromAgency === toAgency && !isPerson) return withinAgency(roster, from, to)
  if (!isPerson && !roster.isCoordinator(to) && !isAnswerTo(to, from, answered))
    throw new AgencyError(
      'NOT_ALLOWED',
      `${from} may not give work to ${to}: messages between agencies go to the other coordinator`,
      {
        hint: `agency send ${toAgency} "…"`,
      },
    )
  return {
    to,
    recipients: [direct(to), ...(isPerson || fromAgency === undefined ? [] : copyToCoordinator(roster, from, to))],
  }
}

/** Who was asked may answer whoever asked, also where it could not speak first. */
function isAnswerTo(asker: Address, from: Address, answered: MessageWithDeliveries | undefined): boolean {
  return answered?.message.from === asker && answered.deliveries.some(delivery => delivery.to === from)
}

/** A peer's message goes to the peer with a copy to the coordinator's inbox; a policy makes it go through the coordinator, or stay private. */
function withinAgency(roster: Roster, from: Address, to: Address): Route {
  const policy = roster.agency(agencyOf(from)!).definition.policies.peerMessages
  const involvesCoordinator = roster.isCoordinator(from) || roster.isCoordinator(to)
  if (involvesCoordinator || policy === 'private') return { to, recipients: [direct(to)] }
  if (policy === 'coordinator') return { to, recipients: [direct(roster.coordinator(agencyOf(from)!))] }
  return { to, recipients: [direct(to), ...copyToCoordinator(roster, from, to)] }
}

function copyToCoordinator(roster: Roster, from: Address, to: Address): readonly Recipient[] {
  const coordinator = roster.coordinator(agencyOf(from)!)
  return coordinator === from || coordinator === to ? [] : [{ to: coordinator, kind: 'copy' }]
}

/** `all`, a group of agency.yaml, `capability:NAME`, or one agency: the coordinators to hear a broadcast, the speaker's own apart. */
export function planBroadcast(
  roster: Roster,
  groups: Readonly<Record<string, readonly string[]>>,
  from: Address,
  target: string,
): Route {
  const names = broadcastNames(roster, groups, target)
  const recipients = names.filter(name => name !== agencyOf(from)).map(name => direct(roster.coordinator(name)))
  if (recipients.length === 0)
    throw new AgencyError('NOT_FOUND', `a broadcast to ${target} reaches nobody`, { hint: 'agency list' })
  return { to: target === 'all' ? 'all' : target, recipients }
}

function broadcastNames(
  roster: Roster,
  groups: Readonly<Record<string, readonly string[]>>,
  target: string,
): readonly string[] {
  if (target === 'all') return [...roster.definitions.keys()]
  const group = groups[target]
  if (group) return group
  const capability = target.startsWith('capability:') ? target.slice('capability:'.length) : target
  const able = [...roster.definitions.values()]
    .filter(definition => definition.capabilities.includes(capability))
    .map(definition => definition.name)
  if (able.length > 0) return able
  if (roster.definitions.has(target)) return [target]
  throw new AgencyError('NOT_FOUND', `${JSON.stringify(target.slice(0, 70))} is no group, capability or agency`, {
    hint: `groups are named in agency.yaml: ${Object.keys(groups).join(', ') || 'there are none'}`,
  })
}

function direct(to: Address): Recipient {
  return { to, kind: 'direct' }
}
