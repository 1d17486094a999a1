/** Who may do what with a task. The person may do everything. */
import type { Roster } from '../agencies/roster.ts'
import { AgencyError } from '../kernel/errors.ts'
import { type Address, agencyOf, EXTERNAL, HUMAN, SYSTEM } from '../model/names.ts'
import type { Task } from '../model/task.ts'

export type Place = Pick<Task, 'agency' | 'assignee'>

/** AgencyError('NOT_ALLOWED') unless the caller may put work there: an agent within its agency, a coordinator also to another coordinator. */
export function mayGive(roster: Roster, caller: Address, { agency, assignee }: Place): void {
  if (caller === HUMAN || caller === SYSTEM) return
  const own = agencyOf(caller)
  if (caller !== EXTERNAL && own !== undefined) {
    if (agency === own) return
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
  const isLeader = roster.isCoordinator(caller) && task.agency === agencyOf(caller)
  if (caller === HUMAN || caller === SYSTEM || caller === task.createdBy || isLeader) return
  throw new AgencyError(
    'NOT_ALLOWED',
    `${caller} may not ${what} ${task.label}: it is for whoever gave it, ${task.createdBy}, or the coordinator`,
    {
      hint: `"$AGENCY_BIN" task block ${task.id.slice(-8)} "why"   says that you cannot go on`,
    },
  )
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
