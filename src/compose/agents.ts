/** Agents: seen, started and kept alive, each in its worktree; and the life of their agencies. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { gitWith } from '../agencies/git.ts'
import { repositoryRoot } from '../agencies/repository.ts'
import { packageRoot } from '../config/workspace.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import { DefinitionWatch } from '../lifecycle/definitionWatch.ts'
import { Life } from '../lifecycle/life.ts'
import type { LifecycleParts } from '../lifecycle/parts.ts'
import type { AgentRecord } from '../model/agent.ts'
import { DriverShelf } from '../supervisor/driverShelf.ts'
import { Sight } from '../supervisor/sight.ts'
import { Starter } from '../supervisor/starter.ts'
import { StatusRounds } from '../supervisor/statusRounds.ts'
import { Supervisor } from '../supervisor/supervisor.ts'
import { Tally } from '../supervisor/tally.ts'
import { UsageMeter } from '../supervisor/usage.ts'
import { Reminder } from '../worktrees/reminder.ts'
import { Workplaces } from '../worktrees/workplaces.ts'
import { Worktrees } from '../worktrees/worktrees.ts'
import type { Bus } from './bus.ts'
import type { Ground } from './ground.ts'
import type { Voice } from './voice.ts'
import type { Work } from './work.ts'

export type Agents = ReturnType<typeof composeAgents>

export function composeAgents(ground: Ground, { publish }: Voice, { board }: Work, { scriptOutput }: Bus) {
  const { settings, store, umask } = ground
  const workplaces = new Workplaces(ground)
  const parts = {
    ...ground,
    defaultDriver: settings.driver,
    agencyBin: join(packageRoot, 'bin', 'agency.js'),
    runnerFile: join(packageRoot, 'bin', 'runner.sh'),
    newConversation: randomUUID,
    readyWorkplace: (of: AgentRecord) => workplaces.restore(of),
    repositoryOf: (agency: string) => {
      const definition = ground.roster.definitions.get(agency)
      return definition && repositoryRoot(ground, definition)
    },
    clearOutput: (of: AgentRecord) => scriptOutput.putAside(of, settings.keep.log * 1_000_000),
  }
  const sight = new Sight(parts)
  const starter = new Starter(parts, sight)
  const usage = new UsageMeter(ground)
  const unanswered = async (address: string) =>
    (await store.underWay(address)).filter(({ state }) => state !== 'unknown').length
  const lifecycle: LifecycleParts = {
    ...{ ...ground, workplaces, sight, starter, usage, changes: new KeyedLock() },
    heldTasks: address => board.heldBy(address),
  }
  return {
    lifecycle,
    life: new Life(lifecycle),
    definitions: new DefinitionWatch(lifecycle),
    supervisor: new Supervisor({ ...parts, sight, starter, usage, unanswered }),
    tally: new Tally({ ...ground, limits: record => usage.limits(record) }),
    statusRounds: new StatusRounds({ ...ground, publish }),
    driverShelf: new DriverShelf(parts),
    worktrees: new Worktrees(ground, workplaces),
    reminder: new Reminder({
      ...ground,
      git: gitWith(umask, { isPatient: true, workspace: ground.workspace }),
      publish,
    }),
  }
}
