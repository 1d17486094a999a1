/** One line of a list: what it is, where it leads, and how it looks in so many columns. */
import { clip, widthOf } from '../../../../model/width.ts'
import { guard } from '../../../text/guard.ts'
import { type Role, type Span, span } from '../../../text/spans.ts'
import type { Target } from '../places.ts'

export interface Row {
  /** Stays the same while the list around it changes. */
  readonly key: string
  /** What a filter is held against. */
  readonly text: string
  /** Where Enter leads. */
  readonly opens?: Target
  /** The agency or agent that keys act on. */
  readonly target?: string
  /** A submission that was approved and could not be merged. */
  readonly held?: string
  readonly draw: (columns: number, now: number) => readonly Span[]
}

/** A cell of so many columns, guarded, cut or filled; and one space behind it. */
export function cell(text: string, columns: number, role: Role = 'plain'): Span {
  const shown = clip(guard(text), columns)
  return span(`${shown}${' '.repeat(Math.max(0, columns - widthOf(shown)) + 1)}`, role)
}

/** The rest of a row. */
export function rest(text: string, role: Role = 'plain'): Span {
  return span(guard(text), role)
}

const ROLES: Readonly<Record<string, Role>> = {
  ...{ ready: 'good', running: 'good', confirmed: 'good', acked: 'good', succeeded: 'good', approved: 'good' },
  ...{
    busy: 'accent',
    starting: 'accent',
    handed: 'accent',
    handing: 'accent',
    claimed: 'accent',
    verifying: 'accent',
  },
  ...{ checking: 'accent', testing: 'accent', merging: 'accent', queued: 'name' },
  ...{ waiting: 'warn', held: 'warn', limited: 'warn', degraded: 'warn', unknown: 'warn', expired: 'warn' },
  ...{ 'awaiting-input': 'warn', 'awaiting-approval': 'warn', hung: 'bad', dead: 'bad', down: 'bad', failed: 'bad' },
  ...{ stopped: 'muted', shell: 'muted', blocked: 'muted', cancelled: 'muted' },
}

export function roleOf(state: string): Role {
  return ROLES[state] ?? 'plain'
}
