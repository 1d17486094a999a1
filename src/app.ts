/** The App: everything a face (command line, HTTP, later MCP and screens) may ask for, by what it is about. */
import type { Callers } from './agencies/callers.ts'
import type { Finder } from './agencies/finder.ts'
import type { TemplateShelf } from './agencies/templateShelf.ts'
import type { Archive } from './bus/archive.ts'
import type { DeadLetters } from './bus/deadLetters.ts'
import type { Dialogs } from './bus/dialogs.ts'
import type { HookDoor } from './bus/doors/hook.ts'
import type { Hooks } from './bus/hooks.ts'
import type { Inbox } from './bus/inbox.ts'
import type { Mailroom } from './bus/mailroom.ts'
import type { Life } from './lifecycle/life.ts'
import type { Overview } from './lifecycle/overview.ts'
import type { Standing } from './lifecycle/standing.ts'
import type { Locks } from './locks/locks.ts'
import type { Audit } from './log/audit.ts'
import type { Changes } from './log/changes.ts'
import type { ExpositionText } from './measures/exposition.ts'
import type { MeasureBook } from './measures/measures.ts'
import type { Notices } from './notices/notices.ts'
import type { Sandboxes } from './sandboxes/sandboxes.ts'
import type { Submissions } from './submissions/submissions.ts'
import type { DriverShelf } from './supervisor/driverShelf.ts'
import type { PaneWatch } from './supervisor/paneWatch.ts'
import type { Chooser } from './tasks/chooser.ts'
import type { Tasks } from './tasks/tasks.ts'
import type { Worktrees } from './worktrees/worktrees.ts'

export type { TraceEvent } from './bus/archive.ts'
export { OVERVIEW_PARTS, type Overview } from './lifecycle/overview.ts'
export type { AgencyStatus } from './lifecycle/status.ts'
export { CHANGE_KINDS, type Change } from './log/changes.ts'
export { WAY_NAMES as NOTICE_WAYS } from './notices/parts.ts'
export type { TaskStory } from './tasks/tasks.ts'

export interface App {
  readonly version: string
  readonly workspaceRoot: string
  /** Who asks. */
  readonly callers: Callers

  /** Messages: sent, answered, waited for, followed. */
  readonly messages: Mailroom
  /** What waits for a recipient: read, acknowledged, given back. */
  readonly inbox: Inbox
  /** What was said and what became of it. */
  readonly archive: Archive
  /** What did not arrive: sent again or forgotten. */
  readonly deadLetters: DeadLetters

  /** Agencies and agents: created, started, stopped, removed. */
  readonly life: Life
  /** How everything stands, and why. */
  readonly standing: Standing
  /** Everything that goes on, for whoever watches. */
  readonly overview: Overview
  /** Agents' screens, for whoever looks at one. */
  readonly panes: PaneWatch
  /** Who can do what. */
  readonly finder: Finder
  /** What stands open in agents' panes. */
  readonly dialogs: Dialogs
  /** What agents' hooks tell. */
  readonly hooks: Hooks
  /** What a hook is answered at the end of a turn. */
  readonly hookDoor: HookDoor
  /** The agent programs that can be run. */
  readonly drivers: DriverShelf
  /** What agencies can be made from. */
  readonly templates: TemplateShelf
  /** How the agents' worktrees stand, and tidying them. */
  readonly worktrees: Worktrees

  readonly tasks: Tasks
  /** Finished work, and the person's decision about it. */
  readonly submissions: Submissions
  /** Who is best suited for a task. */
  readonly chooser: Chooser
  /** Leases on files, folders, globs, work units and names. */
  readonly locks: Locks

  /** Commits deployed where they can be tried. */
  readonly sandboxes: Sandboxes

  /** How the person is told what needs them. */
  readonly notices: Notices

  /** Who did what, when and why. */
  readonly audit: Audit
  /** What changes, while it does. */
  readonly changes: Changes
  /** How well agencies and agents work. */
  readonly measures: MeasureBook
  /** The same and more for Prometheus, in its text format. */
  readonly exposition: () => Promise<ExpositionText>
}
