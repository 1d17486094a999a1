/** PORT, the part about sandboxes: they outlive the daemon, and so does what is known of them. */
import type { Sandbox, SandboxState } from '../model/sandbox.ts'
import type { UnitDraft } from '../model/unit.ts'

export interface SandboxStore {
  /** AgencyError('CONFLICT') when an open one has this slug. */
  addSandbox(sandbox: Sandbox, unit: UnitDraft): Promise<void>
  /** Only while it is still in the state `from`; false when it is not. */
  changeSandbox(sandbox: Sandbox, from: SandboxState, unit?: UnitDraft): Promise<boolean>
  /** Newest first; those that are destroyed only where asked for. */
  sandboxes(options: { includeDestroyed: boolean; limit: number }): Promise<readonly Sandbox[]>
  /** By id, short id, slug of an open one, or the beginning of its commit. AgencyError('CONFLICT') when it fits several. */
  findSandbox(named: string): Promise<Sandbox | undefined>
}
