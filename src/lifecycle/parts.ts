/** What the verbs of an agency's life work with. */
import type { Git } from '../agencies/git.ts'
import type { Roster } from '../agencies/roster.ts'
import type { Tokens } from '../agencies/tokens.ts'
import type { Settings } from '../config/settings.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Clock } from '../kernel/clock.ts'
import type { KeyedLock } from '../kernel/keyedLock.ts'
import type { Log } from '../kernel/log.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type AgentDefinition, type Definition, driverOf } from '../model/definition.ts'
import { type Address, address } from '../model/names.ts'
import type { Task } from '../model/task.ts'
import type { Sight } from '../supervisor/sight.ts'
import type { Starter } from '../supervisor/starter.ts'
import type { UsageMeter } from '../supervisor/usage.ts'
import type { Workplaces } from '../worktrees/workplaces.ts'

export interface LifecycleParts {
  readonly workspace: Workspace
  readonly settings: Settings
  readonly roster: Roster
  readonly tokens: Tokens
  readonly starter: Starter
  readonly sight: Sight
  readonly clock: Clock
  readonly log: Log
  readonly git: Git
  readonly workplaces: Workplaces
  /** File mode mask of the person: what is made for them follows it. */
  readonly umask: number
  /** A definition that is being laid out, removed or reconciled is not touched by another of these. */
  readonly changes: KeyedLock
  /** One hand at each agent: held while something is handed over to it. */
  readonly hands: KeyedLock
  readonly usage: UsageMeter
  /** The tasks that an agent has just now. */
  readonly heldTasks: (agent: Address) => readonly Task[]
}

/** Told of each step of something that takes longer than a moment. */
export type Progress = (step: string) => void

/** An agent as it is before its first start. */
export function newAgent(
  parts: LifecycleParts,
  definition: Definition,
  agent: AgentDefinition,
  place: { workdir: string; branch: string | undefined },
): AgentRecord {
  return {
    address: address(definition.name, agent.name),
    agency: definition.name,
    name: agent.name,
    driver: driverOf(definition, agent, parts.settings.driver),
    isCoordinator: agent.name === definition.coordinator.name,
    desired: 'running',
    state: 'stopped',
    rule: 'created',
    evidence: '',
    since: parts.clock.now(),
    serverPid: undefined,
    pane: undefined,
    panePid: undefined,
    pid: undefined,
    instance: 0,
    startedAt: undefined,
    lastExit: undefined,
    deaths: [],
    nextStartAt: undefined,
    conversation: undefined,
    ...place,
  }
}
