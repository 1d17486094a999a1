/**
 * The repository around a folder, told apart as git does it, and the same for each of its worktrees. Starts no program, since ten
 * thousand paths may be asked about, and does not wait: a look at a local disk takes 2 µs, and 40 µs when it is waited for.
 */
import { realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readTextSync } from '../kernel/plainFile.ts'

export interface Repository {
  /** Real path of the folder that all worktrees share. */
  readonly commonDir: string
  /** Real path of the top of this worktree. */
  readonly root: string
  /** Two names that differ in case alone are one file here. */
  readonly ignoresCase: boolean
}

/** Whether a path lies in the clone of an isolated agent, and of which repository: what its .git says is not asked. */
export type CloneAt = (path: string) => { readonly folder: string; readonly repository: string } | undefined

/** Remembers what it has found, for the length of one request. `folder` is a real path. */
export class Repositories {
  readonly #known = new Map<string, Repository | undefined>()

  constructor(private readonly cloneAt: CloneAt) {}

  around(folder: string): Repository | undefined {
    if (this.#known.has(folder)) return this.#known.get(folder)
    const found = this.#find(folder)
    this.#known.set(folder, found)
    return found
  }

  #find(folder: string): Repository | undefined {
    const clone = this.cloneAt(folder)
    const commonDir = commonDirOf(join(clone?.repository ?? folder, '.git'))
    if (commonDir && clone) return { commonDir, root: clone.folder, ignoresCase: ignoresCase(commonDir) }
    if (commonDir) return { commonDir, root: folder, ignoresCase: ignoresCase(commonDir) }
    return dirname(folder) === folder ? undefined : this.around(dirname(folder))
  }
}

/** `.git` is a folder, or in a worktree and a submodule a file that names one; a worktree's names in turn the one that all share. */
function commonDirOf(dotGit: string): string | undefined {
  const found = look(dotGit)
  if (!found) return undefined
  const named = found.isDirectory() ? undefined : /^gitdir: (.+)$/m.exec(read(dotGit) ?? '')?.[1]
  const gitDir = found.isDirectory() ? dotGit : named && resolve(dirname(dotGit), named)
  if (!gitDir) return undefined
  const common = resolve(gitDir, read(join(gitDir, 'commondir'))?.trim() ?? '.')
  // An empty folder of that name is no repository, for git neither.
  return look(join(common, 'HEAD')) ? realpathSync.native(common) : undefined
}

/** The repository that a clone's commits are for; of any other it is itself. */
export function projectOf(commonDir: string, cloneAt: CloneAt): string {
  const clone = cloneAt(commonDir)
  return (clone && commonDirOf(join(clone.repository, '.git'))) ?? commonDir
}

export function ignoresCase(commonDir: string): boolean {
  const asIs = look(join(commonDir, 'HEAD'))
  return asIs !== undefined && asIs.ino === look(join(commonDir, 'hEAD'))?.ino
}

function look(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function read(file: string): string | undefined {
  try {
    return readTextSync(file)
  } catch {
    return undefined
  }
}
