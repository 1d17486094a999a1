/** What goes on by itself: the loops of every part, and the views and logs that they keep up to date. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Views } from '../bus/views.ts'
import type { JsonValue } from '../kernel/json.ts'
import { Housekeeping } from '../lifecycle/housekeeping.ts'
import { agencyStatus } from '../lifecycle/status.ts'
import { ActivityLog } from '../log/activity.ts'
import { LoopRunner } from '../loops/runner.ts'
import { showLock } from '../model/lockDocument.ts'
import type { ComposedParts } from './composed.ts'

export function composeLoops({
  ground,
  voice,
  work,
  bus,
  agents,
  sandboxes,
  approvals,
  notices,
}: ComposedParts): LoopRunner {
  const { workspace, store } = ground
  const { locks } = work
  const views = new Views({
    ...ground,
    agencies: async () => (await agencyStatus(agents.lifecycle, store)) as unknown as JsonValue[],
    approvals: () => approvals.submissions.queue(),
    locks: async () => (await locks.list()).map(lock => showLock(lock, locks.times()) as unknown as JsonValue),
  })
  const isThere = (agency: string) => existsSync(join(workspace.agencies, agency))
  return new LoopRunner({
    ...{ ...ground, ...voice, ...work, ...bus, ...agents, ...approvals },
    ...{ sandboxes, notices },
    views,
    activity: new ActivityLog({ ...ground, isThere }),
    housekeeping: new Housekeeping(ground),
  })
}
