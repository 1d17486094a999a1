/** What the parts of the approval of finished work have in common. */
import type { Git } from '../agencies/git.ts'
import type { Roster } from '../agencies/roster.ts'
import type { Draft } from '../bus/publish.ts'
import type { Settings } from '../config/settings.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Locks } from '../locks/locks.ts'
import type { Accepted, Store } from '../storage/store.ts'
import type { TaskBoard } from '../tasks/board.ts'
import type { SubmissionBoard } from './board.ts'
import type { TestPlace } from './testPlace.ts'

export interface SubmissionParts {
  readonly workspace: Workspace
  readonly store: Store
  readonly board: SubmissionBoard
  readonly tasks: TaskBoard
  readonly roster: Roster
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
  readonly git: Git
  readonly umask: number
  readonly locks: Pick<Locks, 'check'>
  readonly testPlace: TestPlace
  readonly publish: (caller: string, draft: Draft) => Promise<Accepted>
  /** Ends the process at a named point; for tests of recovery. */
  readonly reach: (point: string) => void
}
