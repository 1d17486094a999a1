/** What a new worktree needs beside its files: shared dependencies, submodules, and the setup that its agency names. */
import { existsSync } from 'node:fs'
import { lstat, mkdir, realpath, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Git } from '../agencies/git.ts'
import { appendText, readText } from '../kernel/plainFile.ts'
import type { Definition } from '../model/definition.ts'
import { copySubmodules } from './clonedSubmodules.ts'

export interface Undressed {
  readonly repository: string
  readonly folder: string
  readonly wishes: Definition['worktrees']
  /** An isolated agent may have written what is checked out here. */
  readonly isOfIsolated?: boolean
}

/** Links and submodules. Returns what the person should know, in words; nothing of it keeps the agent from its work. */
export async function dress(git: Git, undressed: Undressed): Promise<readonly string[]> {
  const { repository, folder, wishes } = undressed
  const notes: string[] = []
  for (const path of wishes?.share ?? []) {
    const note = await share(git, repository, folder, path)
    if (note) notes.push(note)
  }
  return [...notes, ...(await bringSubmodules(git, undressed))]
}

/** Never in place of something: what is tracked, and what lies there already, stays. */
async function share(git: Git, repository: string, folder: string, path: string): Promise<string | undefined> {
  const source = join(repository, path)
  const target = join(folder, path)
  if (!existsSync(source)) return undefined
  const tracked = await git.try(repository, ['ls-files', '--', path])
  if (!tracked.ok || tracked.output !== '') return `${path} is tracked by git, so it is not shared`
  if (await lstat(target).catch(() => undefined)) return undefined
  if (!(await isIgnored(git, repository, path)))
    return `${path} is not git-ignored in ${repository}, so it is not shared`
  if (!(await isInside(folder, dirname(target))))
    return `${path} lies behind a link that is committed, so it is not shared`
  await mkdir(dirname(target), { recursive: true })
  await symlink(source, target)
  // `node_modules/` in .gitignore means folders only, and a link is none: it would be committed.
  if (!(await isIgnored(git, folder, path))) await exclude(git, folder, path)
  return undefined
}

/** Not by a link of somebody's commit that leads out: in there nothing is made. */
async function isInside(folder: string, place: string): Promise<boolean> {
  const [root, real] = await Promise.all([realpath(folder), realpath(place).catch(() => undefined)])
  if (real !== undefined) return `${real}/`.startsWith(`${root}/`)
  // A link that leads nowhere is there all the same.
  return !(await lstat(place).catch(() => undefined)) && isInside(folder, dirname(place))
}

async function isIgnored(git: Git, folder: string, path: string): Promise<boolean> {
  return (await git.try(folder, ['check-ignore', '--quiet', '--', path])).ok
}

/** In the repository's own list, which no commit carries. */
async function exclude(git: Git, folder: string, path: string): Promise<void> {
  const file = resolve(folder, await git.run(folder, ['rev-parse', '--git-path', 'info/exclude']))
  const line = `/${path}`
  const before = await readText(file).catch(() => '')
  if (before.split('\n').includes(line)) return
  await mkdir(dirname(file), { recursive: true })
  await appendText(file, `${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`)
}

async function bringSubmodules(
  git: Git,
  { repository, folder, wishes, isOfIsolated }: Undressed,
): Promise<readonly string[]> {
  if (!existsSync(join(folder, '.gitmodules'))) return []
  if (!wishes?.submodules)
    return ['its submodules are empty folders: "worktrees": {"submodules": true} in agency.json checks them out']
  if (git.isClone(folder) || isOfIsolated) return copySubmodules(git, { source: repository, target: folder })
  const done = await git.try(folder, ['submodule', 'update', '--init', '--recursive', '--quiet'])
  return done.ok ? [] : [`its submodules could not be checked out: ${done.output.split('\n').at(-1)}`]
}
