/** What notifying the person works with. */
import type { Roster } from '../agencies/roster.ts'
import type { Settings } from '../config/settings.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Notice } from '../model/notice.ts'
import type { Store } from '../storage/store.ts'
import type { Terminal } from '../terminal/terminal.ts'

export interface NoticeParts {
  readonly workspace: Workspace
  readonly settings: Settings
  readonly store: Store
  readonly roster: Roster
  readonly terminal: Pick<Terminal, 'snapshot' | 'notify' | 'ringBell'>
  readonly clock: Clock
  readonly log: Log
  readonly env: NodeJS.ProcessEnv
}

export const WAY_NAMES = ['tmux', 'bell', 'desktop', 'webhook'] as const
export type WayName = (typeof WAY_NAMES)[number]

/** Several things that need the person, told as one. */
export interface Telling {
  readonly id: string
  readonly at: number
  /** One line. */
  readonly title: string
  readonly isUrgent: boolean
  /** It was held by quiet hours. */
  readonly isSummary: boolean
  readonly items: readonly Notice[]
}

/** What became of it. Skipped: there is no way from here to the person, and nothing is wrong. */
export interface Told {
  readonly outcome: 'sent' | 'skipped' | 'failed'
  readonly detail: string
}

/** A way to the person. */
export interface Way {
  readonly name: WayName
  /** Whether quiet hours hold it. A line that makes no sound disturbs nobody. */
  readonly isHeldInQuiet: boolean
  /** Whether what failed is tried again: on a screen it would be stale. */
  readonly isRetried: boolean
  /** Whether it reaches anybody from here, in words. */
  check(): Promise<{ readonly isThere: boolean; readonly detail: string }>
  tell(telling: Telling, signal: AbortSignal): Promise<Told>
}
