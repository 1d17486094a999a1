/**
 * The workplace of an isolated agent: a clone with a .git of its own. It borrows the objects of a bare copy of the repository, which
 * holds the person's branches and none of another agent, and which its agent can read and not write.
 */
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import { markClone, mirrorOf, unmarkClone } from '../walls/places.ts'
import { fetchMirror } from './cloneGit.ts'
import { type Git, hasBranch } from './git.ts'
import { hooksForClones } from './gitHooks.ts'

export interface CloneOrder {
  readonly repository: string
  readonly folder: string
  readonly branch: string
}

/** Returns the undo. Nobody has written in the clone before this resolves, so what is done in it here needs no wall. */
export async function makeClone(
  { workspace, git }: { readonly workspace: Workspace; readonly git: Git },
  { repository, folder, branch }: CloneOrder,
): Promise<() => Promise<void>> {
  const outside = dirname(folder)
  const isNew = !(await hasBranch(git, repository, branch))
  const undo = async () => {
    await rm(folder, { recursive: true, force: true })
    await unmarkClone(workspace, folder)
    if (isNew) await git.try(repository, ['branch', '-D', branch])
  }
  const mirror = await refreshMirror({ workspace, git }, repository)
  await mkdir(outside, { recursive: true })
  await markClone(workspace, { folder, repository, branch })
  try {
    if (isNew) await git.run(repository, ['branch', '--no-track', branch, 'HEAD'])
    const who = {
      ...(await identityOf(git.try, repository)),
      'core.hooksPath': await hooksForClones({ workspace, git }, repository),
    }
    const settings = Object.entries(who).flatMap(([key, value]) => ['--config', `${key}=${value}`])
    await git.run(outside, ['clone', '--quiet', '--shared', '--no-checkout', ...settings, mirror, folder])
    const spec = `+refs/heads/${branch}:refs/heads/${branch}`
    const how = ['--quiet', '--no-tags', '--update-head-ok', '--update-shallow']
    await git.run(outside, ['-C', folder, 'fetch', ...how, repository, spec])
    await git.run(outside, ['-C', folder, 'checkout', '--quiet', branch])
  } catch (error) {
    await undo()
    throw error
  }
  return undo
}

/** So that `git fetch` in a clone finds what the person has merged meanwhile. */
export async function refreshMirror(
  { workspace, git }: { readonly workspace: Workspace; readonly git: Git },
  repository: string,
): Promise<string> {
  const mirror = mirrorOf(workspace, repository)
  if (!existsSync(mirror)) {
    await mkdir(workspace.mirrors, { recursive: true, mode: 0o700 })
    const format = (await git.run(repository, ['rev-parse', '--show-object-format'])).trim()
    await git.run(workspace.mirrors, ['init', '--quiet', '--bare', `--object-format=${format}`, mirror])
    // Clones borrow from it: nothing of it is ever tidied away.
    await git.run(mirror, ['config', 'gc.auto', '0'])
  }
  await fetchMirror(git.run, mirror, repository)
  const head = await git.try(repository, ['symbolic-ref', '--quiet', 'HEAD'])
  if (head.ok && !head.output.includes('refs/heads/agency/'))
    await git.try(mirror, ['symbolic-ref', 'HEAD', head.output.trim()])
  return mirror
}

/** After it was found to hold nothing that would be lost. */
export async function removeClone(workspace: Workspace, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  await unmarkClone(workspace, folder)
}

/** The person's own settings are out of reach there. */
export async function identityOf(attempt: Git['try'], repository: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const key of ['user.name', 'user.email']) {
    const told = await attempt(repository, ['config', key])
    if (told.ok && told.output.trim() !== '') found[key] = told.output.trim()
  }
  return found
}
