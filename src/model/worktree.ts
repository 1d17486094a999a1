/** A worktree as git tells of it, read and judged. */

export interface ChangedPath {
  readonly path: string
  readonly isConflict: boolean
}

export interface PorcelainStatus {
  /** Undefined in a repository without a commit. */
  readonly commit: string | undefined
  /** Undefined when HEAD is detached. */
  readonly branch: string | undefined
  readonly changed: readonly ChangedPath[]
}

/** What can be half done in a worktree, by the file that git keeps meanwhile. */
export const UNDER_WAY = {
  'rebase-merge': 'rebase',
  'rebase-apply': 'rebase',
  MERGE_HEAD: 'merge',
  CHERRY_PICK_HEAD: 'cherry-pick',
  REVERT_HEAD: 'revert',
  BISECT_LOG: 'bisect',
} as const
export type UnderWay = (typeof UNDER_WAY)[keyof typeof UNDER_WAY]

/** Times are milliseconds since the epoch. */
export interface WorktreeStatus {
  readonly agent: string
  readonly folder: string
  /** missing: its folder is gone · broken: git cannot read it · plain: a folder without a repository. */
  readonly state: 'clean' | 'changed' | 'conflict' | 'missing' | 'broken' | 'plain'
  /** The branch that is the agent's own. */
  readonly branch: string | undefined
  /** What is checked out instead: another branch, or the commit of a detached HEAD. */
  readonly elsewhere: { readonly branch: string } | { readonly detachedAt: string } | undefined
  readonly underWay: UnderWay | undefined
  readonly uncommitted: number
  /** Since when the oldest uncommitted change lies there. */
  readonly oldestChangeAt: number | undefined
  /** Commits that the repository's main branch does not have, and the other way round. */
  readonly ahead: number | undefined
  readonly behind: number | undefined
  readonly lastCommit: { readonly subject: string; readonly at: number } | undefined
  /** What git said when it could not read it. */
  readonly problem: string | undefined
}

/** Fields of a changed, renamed or unmerged entry before its path. */
const FIELDS_BEFORE_PATH: Readonly<Record<string, number>> = { '1': 8, '2': 9, u: 10 }

/** Reads `git status --porcelain=v2 --branch -z`. */
export function readPorcelain(text: string): PorcelainStatus {
  const changed: ChangedPath[] = []
  let commit: string | undefined
  let branch: string | undefined
  const entries = text.split('\0')
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index]!
    const kind = entry[0] ?? ''
    const fields = FIELDS_BEFORE_PATH[kind]
    if (entry.startsWith('# branch.oid ')) commit = known(entry.slice(13), '(initial)')
    else if (entry.startsWith('# branch.head ')) branch = known(entry.slice(14), '(detached)')
    else if (kind === '?') changed.push({ path: entry.slice(2), isConflict: false })
    else if (fields !== undefined)
      changed.push({ path: entry.split(' ').slice(fields).join(' '), isConflict: kind === 'u' })
    // A renamed one is followed by the path it had.
    if (kind === '2') index++
  }
  return { commit, branch, changed }
}

function known(value: string, unknown: string): string | undefined {
  return value === unknown ? undefined : value
}

/** Whether the person's agent is to hear of its uncommitted work now: once in each period for as long as it lies there. */
export function isReminderDue(
  work: { readonly oldestChangeAt: number | undefined; readonly remindedAt: number | undefined },
  now: number,
  remindAfterMs: number,
): boolean {
  if (remindAfterMs <= 0 || work.oldestChangeAt === undefined) return false
  if (now - work.oldestChangeAt < remindAfterMs) return false
  return work.remindedAt === undefined || now - work.remindedAt >= remindAfterMs
}

export const REMINDER_BEGINS = 'uncommitted work for'

/** `uncommitted work for 42 min: 3 files. Commit it on your branch agency/Code/a` */
export function reminderText(status: WorktreeStatus, now: number): string {
  const minutes = Math.max(1, Math.floor((now - (status.oldestChangeAt ?? now)) / 60_000))
  const age = minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`
  const files = `${status.uncommitted} ${status.uncommitted === 1 ? 'file' : 'files'}`
  return `${REMINDER_BEGINS} ${age}: ${files}. Commit it on your branch${status.branch ? ` ${status.branch}` : ''}`
}
