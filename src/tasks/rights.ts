/** Who may do what with a task. The person may do everything. */
import type { Roster } from '../agencies/roster.ts'
import { AgencyError } from '../kernel/errors.ts'
import { type Address, agencyOf, EXTERNAL, HUMAN, SYSTEM } from '../model/names.ts'
import { isHeld, type Task } from '../model/task.ts'

export type Place = Pick<Task, 'agency' | 'assignee'>

/** AgencyError('NOT_ALLOWED') unless the caller may put work there: an agent within its agency, a coordinator also to another coordinator. */
export function mayGive(roster: Roster, caller: Address, { agency, assignee }: Place): void {
  if (caller === HUMAN || caller === SYSTEM) return
  const own = agencyOf(caller)
  if (caller !== EXTERNAL && own !== undefined) {
    if (agency === own) {
      refuseAroundCoordinator(roster, caller, assignee)
      return
    }
    const isToCoordinator = assignee !== undefined && roster.isCoordinator(assignee)
    if (isToCoordinator && roster.isCoordinator(caller)) return
  }
  throw new AgencyError('NOT_ALLOWED', `${caller} may not give work to ${assignee ?? agency ?? 'everybody'}`, {
    hint:
      own === undefined
        ? 'use the person’s own shell'
        : `inside your agency: --to ${own}; elsewhere your coordinator hands off`,
  })
}

/** AgencyError('NOT_ALLOWED') unless the caller gave it, coordinates its agency, or is the person. */
export function mayManage(roster: Roster, caller: Address, task: Task, what: string): void {
  if (isManager(roster, caller, task)) return
  throw new AgencyError(
    'NOT_ALLOWED',
    `${caller} may not ${what} ${task.label}: it is for whoever gave it, ${task.createdBy}, or the coordinator`,
    {
      hint: `"$AGENCY_BIN" task block ${task.id.slice(-8)} "why"   says that you cannot go on`,
    },
  )
}

/** Whether the caller gave it, coordinates its agency, or is the person. */
export function isManager(roster: Roster, caller: Address, task: Task): boolean {
  const isLeader = roster.isCoordinator(caller) && task.agency === agencyOf(caller)
  return caller === HUMAN || caller === SYSTEM || caller === task.createdBy || isLeader
}

/** AgencyError('NOT_ALLOWED') unless the caller has the whole, or may manage it: a part keeps it from its end. */
export function mayAddPart(roster: Roster, caller: Address, whole: Task): void {
  if (caller === whole.claimant && isHeld(whole.state)) return
  mayManage(roster, caller, whole, 'add a part to')
}

/** AgencyError('NOT_ALLOWED') unless the caller has it now, or is the person. */
export function mayWork(caller: Address, task: Task, what: string): void {
  if (caller === HUMAN || caller === task.claimant) return
  throw new AgencyError(
    'NOT_ALLOWED',
    `${caller} may not ${what} ${task.label}: ${task.claimant ? `${task.claimant} has it` : 'nobody has it'}`,
    {
      hint: `agency task show ${task.id.slice(-8)}`,
    },
  )
}

/** A policy that leads the messages of peers through the coordinator leads work the same way. */
function refuseAroundCoordinator(roster: Roster, caller: Address, assignee: Address | undefined): void {
  const own = agencyOf(caller)!
  if (assignee === caller || roster.isCoordinator(caller)) return
  if (assignee !== undefined && roster.isCoordinator(assignee)) return
  if (roster.agency(own).definition.policies.peerMessages !== 'coordinator') return
  throw new AgencyError(
    'NOT_ALLOWED',
    `${caller} may not give work to ${assignee ?? own}: peers of ${own} go through their coordinator`,
    {
      hint: `"$AGENCY_BIN" task add "…" --to ${own}`,
    },
  )
}
