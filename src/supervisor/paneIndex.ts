/** The panes of a snapshot by whose they are: looked up for every agent, and mostly in the snapshot of the last time. */
import type { Pane, Snapshot } from '../terminal/terminal.ts'

interface PaneIndex {
  /** By `@agency`, the first of each. */
  readonly byOwner: ReadonlyMap<string, Pane>
  /** By the same without the agent's name: the first pane of each agency. */
  readonly byAgency: ReadonlyMap<string, Pane>
}

const indexes = new WeakMap<Snapshot, PaneIndex>()

export function paneIndex(snapshot: Snapshot): PaneIndex {
  const known = indexes.get(snapshot)
  if (known) return known
  const byOwner = new Map<string, Pane>()
  const byAgency = new Map<string, Pane>()
  for (const pane of snapshot.panes) {
    const agency = pane.owner.slice(0, Math.max(0, pane.owner.lastIndexOf('/')))
    if (!byOwner.has(pane.owner)) byOwner.set(pane.owner, pane)
    if (!byAgency.has(agency)) byAgency.set(agency, pane)
  }
  const made = { byOwner, byAgency }
  indexes.set(snapshot, made)
  return made
}
