/** The repository around a folder, told apart as git does it, and the same for each of its worktrees. Starts no program: ten thousand paths may be asked about. */
import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

export interface Repository {
  /** Real path of the folder that all worktrees share. */
  readonly commonDir: string
  /** Real path of the top of this worktree. */
  readonly root: string
  /** Two names that differ in case alone are one file here. */
  readonly ignoresCase: boolean
}

/** Remembers what it has found, for the length of one request. `folder` is a real path. */
export class Repositories {
  readonly #known = new Map<string, Promise<Repository | undefined>>()

  around(folder: string): Promise<Repository | undefined> {
    const known = this.#known.get(folder)
    if (known) return known
    const found = this.#find(folder)
    this.#known.set(folder, found)
    return found
  }

  async #find(folder: string): Promise<Repository | undefined> {
    const commonDir = await commonDirOf(join(folder, '.git'))
    if (commonDir) return { commonDir, root: folder, ignoresCase: await ignoresCase(commonDir) }
    return dirname(folder) === folder ? undefined : this.around(dirname(folder))
  }
}

/** `.git` is a folder, or in a worktree and a submodule a file that names one; a worktree's names in turn the one that all share. */
async function commonDirOf(dotGit: string): Promise<string | undefined> {
  const found = await stat(dotGit).catch(() => undefined)
  if (!found) return undefined
  const named = found.isDirectory() ? undefined : /^gitdir: (.+)$/m.exec(await readFile(dotGit, 'utf8'))?.[1]
  const gitDir = found.isDirectory() ? dotGit : named && resolve(dirname(dotGit), named)
  if (!gitDir) return undefined
  const common = await readFile(join(gitDir, 'commondir'), 'utf8').catch(() => '.')
  const real = await realpath(resolve(gitDir, common.trim())).catch(() => undefined)
  // An empty folder of that name is no repository, for git neither.
  return real && (await stat(join(real, 'HEAD')).catch(() => undefined)) ? real : undefined
}

export async function ignoresCase(commonDir: string): Promise<boolean> {
  const [asIs, otherwise] = await Promise.all(
    ['HEAD', 'hEAD'].map(name => stat(join(commonDir, name)).catch(() => undefined)),
  )
  return asIs !== undefined && asIs.ino === otherwise?.ino
}
