/** What a commit may not touch: the git hook names its files, and prints what is said here. */
import type { Blocker, Lease } from './lock.ts'
import { type Times, tellBlocker } from './lockWords.ts'
import type { Address } from './names.ts'
import { canonicalSet, foldPath, overlap, type Resource, resourceOf } from './resource.ts'

export interface Commit {
  /** Real path of the folder that all worktrees of the repository share. */
  readonly commonDir: string
  /** Paths from the top that differ from what was committed before; of a merge, those that differ from both sides. */
  readonly files: readonly string[]
}

/**
 * `folder NUL file NUL …`, and of a merge an empty name and then what differs from its other side: a file that is taken as it
 * is from one side is nobody's edit here. Undefined when it is nothing of that form.
 */
export function readCommit(text: string): Commit | undefined {
  const [commonDir, ...names] = text.split('\0').slice(0, -1)
  if (!commonDir?.startsWith('/')) return undefined
  const split = names.indexOf('')
  if (split < 0) return { commonDir, files: names }
  const other = new Set(names.slice(split + 1))
  return { commonDir, files: names.slice(0, split).filter(name => other.has(name)) }
}

export function filesOf({ commonDir, files }: Commit, ignoresCase: boolean): readonly Resource[] {
  const space = `git:${commonDir}`
  return canonicalSet(files.map(file => ({ space, kind: 'file', path: foldPath(file, ignoresCase) })))
}

const MOST_TOLD = 20

/** Empty when the commit may be made. A shared lease of another is in the way as well: its owner relies on what is there. */
export function refuseCommit(
  owner: Address,
  files: readonly Resource[],
  leases: readonly Lease[],
  times: Times,
): string {
  const found = leases
    .filter(lease => lease.owner !== owner)
    .flatMap(lock => touched(files, lock).map((on): Blocker => ({ lock, on })))
  if (found.length === 0) return ''
  const told = found.slice(0, MOST_TOLD).map(blocker => `  ${tellBlocker(blocker, times)}`)
  const more = found.length > MOST_TOLD ? [`  and ${found.length - MOST_TOLD} more`] : []
  return [
    `error  this commit touches ${found.length === 1 ? 'a file' : `${found.length} files`} under another's lease   [HELD]`,
    ...told,
    ...more,
    `try    git restore --staged FILE   leaves it out; agency lock acquire FILE --ttl 10m --wait 5m   waits for it;`,
    `       agency send ${found[0]!.lock.owner} "…"   asks`,
  ].join('\n')
}

/** Of many files each is looked up where that is enough. */
function touched(files: readonly Resource[], lease: Lease): readonly Resource[] {
  const plain = new Set(lease.resources.filter(({ kind }) => kind === 'file').map(({ path }) => path))
  const wide = lease.resources.filter(({ kind }) => kind === 'directory' || kind === 'glob')
  const isOfSpace = lease.resources.some(({ space }) => space === files[0]?.space)
  if (!isOfSpace) return []
  return files.filter(
    file => withFolders(file.path).some(path => plain.has(path)) || wide.some(other => overlap(file, other)),
  )
}

/** What was to be a file when it was taken may have become a folder. */
function withFolders(path: string): readonly string[] {
  const found = [path]
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) found.push(path.slice(0, slash))
  return found
}

/** From the view that is read where no daemon answers. */
export function leaseOf(document: {
  readonly id: string
  readonly owner: string
  readonly mode: Lease['mode']
  readonly until: string
  readonly why?: string | undefined
  readonly keys: readonly string[]
}): Lease {
  const { id, owner, mode, why, until, keys } = document
  return {
    ...{ id: id as Lease['id'], owner, mode, why, resources: keys.map(resourceOf), seq: 0, state: 'held' },
    ...{ since: 0, ttlMs: 0, fence: 0, expiresAt: Date.parse(until) },
  }
}
