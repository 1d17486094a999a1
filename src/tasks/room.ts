/** How much work an agent may have at once. */
import type { AgentRecord } from '../model/agent.ts'
import type { TaskParts } from './parts.ts'

const COORDINATOR_TASKS = 8

/** How many more tasks it may have. What waits for an answer does not count: its claimant could not go on anyway. */
export function roomFor(parts: Pick<TaskParts, 'roster' | 'board'>, agent: AgentRecord): number {
  const definition = parts.roster.definitionOf(agent.address)
  if (!definition) return 0
  const most = definition.maxTasks ?? (agent.isCoordinator ? COORDINATOR_TASKS : 1)
  return most - parts.board.heldBy(agent.address).filter(({ state }) => state !== 'awaiting-input').length
}
