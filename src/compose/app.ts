/** What the faces may call. */
import { Callers } from '../agencies/callers.ts'
import { Finder } from '../agencies/finder.ts'
import { TemplateShelf } from '../agencies/templateShelf.ts'
import type { App } from '../app.ts'
import { Standing } from '../lifecycle/standing.ts'
import { Audit } from '../log/audit.ts'
import type { LoopRunner } from '../loops/runner.ts'
import { composeChanges } from './changes.ts'
import type { ComposedParts } from './composed.ts'
import { composeMeasures } from './measures.ts'
import { composeOverview } from './overview.ts'

export function composeApp(parts: ComposedParts, loops: LoopRunner): App {
  const { ground, work, bus, agents, sandboxes } = parts
  const { messages, inbox, archive, deadLetters, dialogs, hooks, hookDoor } = bus
  const { lifecycle, life, worktrees, driverShelf } = agents
  const { tasks, chooser, locks } = work
  return {
    version: ground.version,
    workspaceRoot: ground.workspace.root,
    callers: new Callers(ground),
    ...{ messages, inbox, archive, deadLetters },
    ...{ life, dialogs, hooks, hookDoor, worktrees, drivers: driverShelf },
    standing: new Standing({
      ...ground,
      ...lifecycle,
      locks,
      worktrees,
      ...{ sandboxes, notices: parts.notices },
      loopFailures: () => loops.failures(),
    }),
    finder: new Finder(ground),
    templates: new TemplateShelf(ground),
    ...{ tasks, chooser, locks, sandboxes, submissions: parts.approvals.submissions, notices: parts.notices },
    audit: new Audit(ground),
    changes: composeChanges(parts),
    ...composeOverview(parts),
    ...composeMeasures(parts, loops),
  }
}
