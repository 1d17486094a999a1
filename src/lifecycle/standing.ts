/** How everything stands, and why: what `agency status`, `explain` and `doctor` tell. */
import type { Drivers } from '../drivers/driver.ts'
import type { Locks } from '../locks/locks.ts'
import { splitAddress } from '../model/names.ts'
import type { Notices } from '../notices/notices.ts'
import type { Sandboxes } from '../sandboxes/sandboxes.ts'
import type { Store } from '../storage/store.ts'
import type { Worktrees } from '../worktrees/worktrees.ts'
import { type DoctorReport, doctor } from './doctor.ts'
import { type AgencyExplanation, type Explanation, explain, explainAgency } from './explain.ts'
import type { LifecycleParts } from './parts.ts'
import { type AgencyStatus, agencyStatus } from './status.ts'

export interface StandingParts extends LifecycleParts {
  readonly store: Store
  readonly drivers: Drivers
  readonly locks: Locks
  readonly worktrees: Worktrees
  readonly sandboxes: Sandboxes
  readonly notices: Notices
  /** Loops of the daemon whose last tick failed, in words. */
  readonly loopFailures: () => readonly string[]
}

export class Standing {
  constructor(private readonly parts: StandingParts) {}

  status(): Promise<readonly AgencyStatus[]> {
    return agencyStatus(this.parts, this.parts.store)
  }

  /** Of an agent, or of an agency as a whole. */
  explain(target: string): Promise<Explanation | AgencyExplanation> {
    return splitAddress(target) ? explain(this.parts, target) : explainAgency(this.parts, target)
  }

  async doctor(): Promise<DoctorReport> {
    const { worktrees, sandboxes, notices } = this.parts
    const more = await Promise.all([worktrees, sandboxes, notices].map(part => part.findings()))
    return doctor(this.parts, this.parts, more.flat())
  }
}
