/**
 * Submodules of an isolated agent's clone, or of a place in which its work is tried: taken from the project's own folders, whatever
 * .gitmodules says. What it says may be an agent's word, and would be fetched with the person's keys.
 */
import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { identityOf } from '../agencies/clones.ts'
import type { Git } from '../agencies/git.ts'

interface Pair {
  /** The project, or one of its submodules as it is checked out there. */
  readonly source: string
  /** The same in the clone, in which nobody has written yet: so what is done in it here needs no wall. */
  readonly target: string
}

/** Returns what the person should know, in words. */
export function copySubmodules(git: Git, { source, target }: Pair): Promise<readonly string[]> {
  // Named from beside it: in an agent's clone git is run behind a wall, where nothing can be written.
  const outside = dirname(target)
  return copyAll((folder, args) => git.try(outside, ['-C', folder, ...args]), { source, target })
}

async function copyAll(git: Git['try'], { source, target }: Pair): Promise<readonly string[]> {
  const [known, wanted] = await Promise.all([submodulesIn(git, source), submodulesIn(git, target)])
  const notes: string[] = []
  for (const [path, commit] of wanted) {
    const inner = { source: join(source, path), target: join(target, path) }
    // A path that only the branch of an agent has leads to nothing that the person has put there.
    const isKnown = known.has(path) && (await isPlain(target, path))
    const why = isKnown ? await copyOne(git, inner, commit) : 'is not one of the project'
    if (why === undefined) notes.push(...(await copyAll(git, inner)))
    else notes.push(`its submodule ${path} is an empty folder: it ${why}`)
  }
  // What a linked worktree is told of them would stand in the configuration of the project.
  const isOwn = existsSync(join(target, '.git', 'config'))
  if (wanted.size > 0 && isOwn) await git(target, ['submodule', '--quiet', 'init'])
  return notes
}

/** Why it was not copied. A copy of its own: no other repository is borrowed from, and none is told of. */
async function copyOne(git: Git['try'], { source, target }: Pair, commit: string): Promise<string | undefined> {
  if (!existsSync(join(source, '.git'))) return 'is not checked out in the project'
  // With a remote's branch for what comes from there, the rest is known to be the agent's own.
  const spec = `${commit}:refs/remotes/origin/project`
  const serve = 'git -c uploadpack.allowAnySHA1InWant=true upload-pack'
  const identity = Object.entries(await identityOf(git, source)).map(([key, value]) => ['config', key, value])
  for (const args of [
    ['init', '--quiet'],
    ...identity,
    ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--upload-pack', serve, source, spec],
    ['checkout', '--quiet', '--detach', commit],
  ]) {
    const done = await git(target, args)
    if (!done.ok) return `cannot be copied (${done.output.split('\n').at(-1)})`
  }
  return undefined
}

/** Path → commit, as HEAD has them. */
async function submodulesIn(git: Git['try'], folder: string): Promise<ReadonlyMap<string, string>> {
  const listed = await git(folder, ['ls-tree', '-r', '-z', 'HEAD'])
  const found = listed.output.split('\0').flatMap(line => {
    const [, commit, path] = /^160000 commit ([0-9a-f]{40,64})\t(.+)$/s.exec(line) ?? []
    return commit === undefined ? [] : [[path!, commit] as const]
  })
  return new Map(listed.ok ? found : [])
}

async function isPlain(folder: string, path: string): Promise<boolean> {
  return (await realpath(join(folder, path)).catch(() => undefined)) === join(await realpath(folder), path)
}
