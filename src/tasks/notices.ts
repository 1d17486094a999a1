/** What the system says about tasks, each thing once however often it is tried. */

import type { Draft } from '../bus/publish.ts'
import { AgencyError } from '../kernel/errors.ts'
import { shortId } from '../kernel/ids.ts'
import { type Address, agencyOf, EXTERNAL, HUMAN, SYSTEM } from '../model/names.ts'
import type { Task } from '../model/task.ts'
import type { Accepted } from '../storage/store.ts'
import type { TaskParts } from './parts.ts'

/** Tells whoever gave the task; nobody when they are no longer there. */
export async function tellGiver(
  parts: Pick<TaskParts, 'roster' | 'publish'>,
  task: Task,
  { state, text }: { state: string; text: string },
): Promise<void> {
  const to = task.createdBy
  if (!isReachable(parts, to)) return
  await parts.publish(SYSTEM, {
    to,
    payload: {
      type: 'notice',
      about: task.id,
      task: task.label,
      state,
      text: `${task.label} (${shortId(task.id)}) ${text}. See: agency task show ${shortId(task.id)}`,
    },
    idempotencyKey: `task:${task.id}:${task.iteration}:${task.epoch}:${state}`,
  })
}

/**
 * What its claimant is told about a task: in the name of whoever gave it, so that an answer reaches them, and recorded as
 * spoken by the system. In the name of its coordinator when that voice is gone or may not speak to this agent, and in the
 * system's own for a coordinator.
 */
export async function tellClaimant(
  parts: Pick<TaskParts, 'roster' | 'publish'>,
  task: Task,
  draft: Omit<Draft, 'to' | 'from'>,
): Promise<Accepted> {
  const to = task.claimant!
  const agency = agencyOf(to)
  const coordinator = agency === undefined ? undefined : parts.roster.coordinator(agency)
  for (const from of [task.createdBy, coordinator]) {
    if (from === undefined || from === to || !isReachable(parts, from) || !reaches(parts.roster, from, to)) continue
    try {
      return await parts.publish(SYSTEM, { ...draft, to, from })
    } catch (error) {
      if (!(error instanceof AgencyError)) throw error
    }
  }
  return parts.publish(SYSTEM, { ...draft, to, from: SYSTEM })
}

/** By policy the words of a peer go to the coordinator in place of whom they are for. */
function reaches(roster: TaskParts['roster'], from: Address, to: Address): boolean {
  const agency = agencyOf(to)
  if (agency === undefined || agency !== agencyOf(from) || roster.isCoordinator(from) || roster.isCoordinator(to))
    return true
  return roster.agency(agency).definition.policies.peerMessages !== 'coordinator'
}

export function isReachable({ roster }: Pick<TaskParts, 'roster'>, address: Address): boolean {
  if (address === SYSTEM || address === EXTERNAL) return false
  return address === HUMAN || roster.agents.has(address)
}

/** Tells its claimant that it is theirs no longer. */
export async function tellToStop(
  parts: Pick<TaskParts, 'roster' | 'publish'>,
  task: Task,
  text: string,
): Promise<void> {
  if (!task.claimant || !isReachable(parts, task.claimant)) return
  await parts.publish(SYSTEM, {
    to: task.claimant,
    type: 'NOTE',
    body: `${task.label} ${text}. Stop working on it.`,
    priority: 'high',
    idempotencyKey: `task:${task.id}:${task.iteration}:${task.epoch}:stop`,
  })
}
