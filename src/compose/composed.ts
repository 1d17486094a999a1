/** The parts of the product, each composed, from which the loops and the App are made. */
import type { Notices } from '../notices/notices.ts'
import type { Sandboxes } from '../sandboxes/sandboxes.ts'
import type { Agents } from './agents.ts'
import type { Approvals } from './approvals.ts'
import type { Bus } from './bus.ts'
import type { Ground } from './ground.ts'
import type { Voice } from './voice.ts'
import type { Work } from './work.ts'

export interface ComposedParts {
  readonly ground: Ground
  readonly voice: Voice
  readonly work: Work
  readonly bus: Bus
  readonly agents: Agents
  readonly sandboxes: Sandboxes
  readonly approvals: Approvals
  readonly notices: Notices
}
