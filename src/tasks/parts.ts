/** What the parts of task handling work with. */
import type { Git } from '../agencies/git.ts'
import type { Roster } from '../agencies/roster.ts'
import type { Ledger } from '../bus/ledger.ts'
import type { Draft } from '../bus/publish.ts'
import type { Settings } from '../config/settings.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Accepted, Store } from '../storage/store.ts'
import type { TaskBoard } from './board.ts'

export interface TaskParts {
  readonly workspace: Workspace
  readonly store: Store
  readonly board: TaskBoard
  readonly roster: Roster
  readonly ledger: Ledger
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
  readonly git: Git
  readonly umask: number
  readonly publish: (caller: string, draft: Draft) => Promise<Accepted>
}
