/** What whoever watches is shown. */
import { Overview } from '../lifecycle/overview.ts'
import { PaneWatch } from '../supervisor/paneWatch.ts'
import type { ComposedParts } from './composed.ts'

export function composeOverview({ ground, bus, agents, approvals }: ComposedParts) {
  const queue = () => approvals.submissions.queue()
  return {
    overview: new Overview({ ...ground, ...agents.lifecycle, recent: bus.recent, approvals: queue }),
    panes: new PaneWatch(ground),
  }
}
