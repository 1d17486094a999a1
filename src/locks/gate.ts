/** What a commit may not touch: asked by the git hook with the names of its files, answered in words that it prints. */
import type { Blocker, Lease } from '../model/lock.ts'
import type { Address } from '../model/names.ts'
import { overlap, type Resource } from '../model/resource.ts'
import { tellBlocker } from './refusals.ts'

export interface Commit {
  /** Top of the worktree. */
  readonly root: string
  /** Paths from there that differ from what was committed before; of a merge, those that differ from both sides. */
  readonly files: readonly string[]
}

/**
 * `root NUL file NUL …`, and of a merge an empty name and then what differs from its other side: a file that is taken as it
 * is from one side is nobody's edit here. Undefined when it is nothing of that form.
 */
export function readCommit(text: string): Commit | undefined {
  const [root, ...names] = text.split('\0').slice(0, -1)
  if (!root) return undefined
  const split = names.indexOf('')
  if (split < 0) return { root, files: names }
  const other = new Set(names.slice(split + 1))
  return { root, files: names.slice(0, split).filter(name => other.has(name)) }
}

const MOST_TOLD = 20

/** Empty when the commit may be made. */
export function refuseCommit(owner: Address, files: readonly Resource[], there: readonly Lease[], now: number): string {
  const found: Blocker[] = []
  for (const lock of there.filter(lease => lease.owner !== owner))
    for (const on of files) if (lock.resources.some(other => overlap(on, other))) found.push({ lock, on })
  if (found.length === 0) return ''
  const told = found.slice(0, MOST_TOLD).map(blocker => `  ${tellBlocker(blocker, now)}`)
  const more = found.length > MOST_TOLD ? [`  and ${found.length - MOST_TOLD} more`] : []
  const { lock } = found[0]!
  return [
    `error  this commit touches ${found.length === 1 ? 'a file' : 'files'} under another's lease:`,
    ...told,
    ...more,
    `try    agency lock acquire <file> --ttl 10m --wait 5m   and then commit; or ask: agency send ${lock.owner} "…"`,
    `       (git restore --staged <file> leaves it out of this commit)`,
    '',
  ].join('\n')
}
