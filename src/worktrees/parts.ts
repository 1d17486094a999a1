/** What watching, making and tidying worktrees works with. */
import type { Git } from '../agencies/git.ts'
import type { Roster } from '../agencies/roster.ts'
import type { Settings } from '../config/settings.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Store } from '../storage/store.ts'

export interface WorktreeParts {
  readonly workspace: Workspace
  readonly settings: Settings
  readonly roster: Roster
  readonly git: Git
  readonly clock: Clock
  readonly log: Log
  readonly store: Store
  /** File mode mask of the person. */
  readonly umask: number
}
