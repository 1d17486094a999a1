/** Who may hand in what, and whose work it is. */
import type { Roster } from '../agencies/roster.ts'
import { AgencyError } from '../kernel/errors.ts'
import { type Address, agencyOf, EXTERNAL, HUMAN, splitAddress } from '../model/names.ts'
import type { Task } from '../model/task.ts'

export interface Wish {
  readonly agency?: string | undefined
  readonly branch?: string | undefined
}

/** Whose work is handed in. AgencyError('NOT_ALLOWED') when it is not the caller's to hand in. */
export function authorOf(roster: Roster, caller: Address, { agency, branch }: Wish): Address {
  const owner = branch === undefined ? undefined : ownerOf(roster, branch)
  if (caller === HUMAN) {
    if (owner !== undefined) return owner
    if (agency !== undefined) return roster.resolve(agency)
    throw new AgencyError('USAGE', 'it is not said whose work it is', {
      hint: 'agency submit --agency CodeAgency --branch feature/x   or a branch of an agent',
    })
  }
  const own = agencyOf(caller)
  if (caller === EXTERNAL || own === undefined || !roster.agents.has(caller)) throw refused(caller, branch)
  if (agency !== undefined && agency !== own && roster.resolve(agency) !== caller) throw refused(caller, branch)
  if (branch === undefined || owner === caller) return caller
  const isOwnTeam = owner !== undefined && agencyOf(owner) === own
  if (isOwnTeam && roster.isCoordinator(caller)) return owner
  throw refused(caller, branch)
}

/** AgencyError('NOT_ALLOWED') unless the task is its author's, or the caller's agency's and the caller coordinates that, or the caller is the person. */
export function mayHandInFor(
  roster: Roster,
  { caller, author }: { caller: Address; author: Address },
  { claimant, assignee, agency, label }: Task,
): void {
  const isLeader = roster.isCoordinator(caller) && agencyOf(caller) === agency
  if (caller === HUMAN || isLeader || author === (claimant ?? assignee)) return
  throw new AgencyError('NOT_ALLOWED', `${label} is the work of ${claimant ?? assignee ?? agency ?? 'nobody yet'}`, {
    hint: 'leave --task out',
  })
}

/** AgencyError('NOT_ALLOWED') unless the caller made it, handed it in, coordinates it, or is the person. */
export function mayWithdraw(
  roster: Roster,
  caller: Address,
  { author, submittedBy, agency }: { author: Address; submittedBy: Address; agency: string },
): void {
  const isLeader = roster.isCoordinator(caller) && agencyOf(caller) === agency
  if (caller === HUMAN || caller === author || caller === submittedBy || isLeader) return
  throw new AgencyError('NOT_ALLOWED', `${caller} may not withdraw the work of ${author}`, { hint: 'agency approvals' })
}

/** The agent whose branch it is: `agency/Code/a`. */
function ownerOf(roster: Roster, branch: string): Address | undefined {
  const address = branch.startsWith('agency/') ? branch.slice('agency/'.length) : ''
  return splitAddress(address) && roster.agents.has(address) ? address : undefined
}

function refused(caller: Address, branch: string | undefined): AgencyError {
  return new AgencyError('NOT_ALLOWED', `${caller} may not hand in ${branch ?? 'work of others'}`, {
    hint: 'an agent hands in its own branch, a coordinator any branch of its agency, the person every branch',
  })
}
