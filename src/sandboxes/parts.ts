/** What sandboxes work with. */
import type { Git } from '../agencies/git.ts'
import type { Roster } from '../agencies/roster.ts'
import type { Settings } from '../config/settings.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Store } from '../storage/store.ts'
import type { Terminal } from '../terminal/terminal.ts'

export interface SandboxParts {
  readonly workspace: Workspace
  readonly settings: Settings
  readonly roster: Roster
  readonly store: Store
  readonly terminal: Terminal
  readonly git: Git
  readonly clock: Clock
  readonly log: Log
  /** File mode mask of the person. */
  readonly umask: number
  /** The person's environment, of which programs get what is not ours. */
  readonly env: NodeJS.ProcessEnv
  /** The bundled warden. */
  readonly wardenFile: string
  /** For tests of recovery: the process ends where it passes the point that was asked for. */
  readonly crashAt: (point: string) => void
}

/** Told of each step of something that takes longer than a moment. */
export type Progress = (step: string) => void
