/** What the daemon's loops run, and what they listen to. */
import type { Roster } from '../agencies/roster.ts'
import type { Tokens } from '../agencies/tokens.ts'
import type { Dialogs } from '../bus/dialogs.ts'
import type { Hooks } from '../bus/hooks.ts'
import type { Ledger } from '../bus/ledger.ts'
import type { Links } from '../bus/links.ts'
import type { Outbox } from '../bus/outbox.ts'
import type { Router } from '../bus/router.ts'
import type { ScriptRounds } from '../bus/scriptRounds.ts'
import type { Sweeper } from '../bus/sweeper.ts'
import type { Views } from '../bus/views.ts'
import type { Settings } from '../config/settings.ts'
import type { Log } from '../kernel/log.ts'
import type { DefinitionWatch } from '../lifecycle/definitionWatch.ts'
import type { Housekeeping } from '../lifecycle/housekeeping.ts'
import type { Locks } from '../locks/locks.ts'
import type { ActivityLog } from '../log/activity.ts'
import type { Notices } from '../notices/notices.ts'
import type { Sandboxes } from '../sandboxes/sandboxes.ts'
import type { Store } from '../storage/store.ts'
import type { Submissions } from '../submissions/submissions.ts'
import type { SubmissionWork } from '../submissions/work.ts'
import type { RunWatch } from '../supervisor/runWatch.ts'
import type { StatusRounds } from '../supervisor/statusRounds.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import type { Tally } from '../supervisor/tally.ts'
import type { TaskBoard } from '../tasks/board.ts'
import type { TaskWork } from '../tasks/work.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { Reminder } from '../worktrees/reminder.ts'

export interface LoopParts {
  readonly settings: Settings
  readonly log: Log
  readonly store: Store
  readonly roster: Roster
  readonly tokens: Tokens
  readonly terminal: Terminal
  readonly runs: RunWatch
  readonly definitions: DefinitionWatch
  readonly supervisor: Supervisor
  readonly tally: Tally
  readonly statusRounds: StatusRounds
  readonly ledger: Ledger
  readonly router: Router
  readonly sweeper: Sweeper
  readonly outbox: Outbox
  readonly hooks: Hooks
  readonly links: Links
  readonly scripts: ScriptRounds
  readonly dialogs: Dialogs
  readonly locks: Locks
  readonly board: TaskBoard
  readonly taskWork: TaskWork
  readonly sandboxes: Sandboxes
  readonly submissions: Submissions
  readonly submissionWork: SubmissionWork
  readonly notices: Notices
  readonly views: Views
  readonly activity: ActivityLog
  readonly reminder: Reminder
  readonly housekeeping: Housekeeping
}
