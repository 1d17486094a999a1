/** What watching, starting and stopping work with. */
import type { Settings } from '../config/settings.ts'
import type { Log } from '../kernel/log.ts'
import type { LauncherParts } from './launcher.ts'
import type { RunWatch } from './runWatch.ts'

export interface SupervisorParts extends LauncherParts {
  readonly runs: RunWatch
  readonly settings: Settings
  readonly log: Log
}
