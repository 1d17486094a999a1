/** A sandbox's worktree: exactly one commit, on no branch, so that nothing can be committed from it by accident. */
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Git } from '../agencies/git.ts'
import { makeFolder } from '../agencies/modes.ts'
import { AgencyError } from '../kernel/errors.ts'

/** The whole hash that a name means: a branch's, whatever else bears it. AgencyError('NOT_FOUND') when the repository has none of it. */
export async function findCommit(
  git: Git,
  repository: string,
  name: string,
): Promise<{ commit: string; branch?: string }> {
  const branch = await commitAt(git, repository, `refs/heads/${name}`)
  if (branch !== undefined) return { commit: branch, branch: name }
  const commit = await commitAt(git, repository, name)
  if (commit === undefined)
    throw new AgencyError('NOT_FOUND', `${repository} has no commit or branch ${JSON.stringify(name.slice(0, 100))}`, {
      hint: `git -C ${repository} branch --all`,
    })
  return { commit }
}

async function commitAt(git: Git, repository: string, name: string): Promise<string | undefined> {
  const found = await git.try(repository, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])
  return found.ok ? found.output.trim() : undefined
}

export async function addWorktree(
  git: Git,
  { repository, folder, commit, umask }: { repository: string; folder: string; commit: string; umask: number },
): Promise<void> {
  if (existsSync(folder))
    throw new AgencyError('CONFLICT', `${folder} is there already, and is no sandbox of ours`, { hint: `ls ${folder}` })
  await makeFolder(dirname(folder), umask)
  await git.run(repository, ['worktree', 'prune'])
  await git.run(repository, ['worktree', 'add', '--quiet', '--detach', folder, commit])
}

export async function moveWorktree(
  git: Git,
  repository: string,
  way: { from: string; to: string; umask: number },
): Promise<void> {
  await makeFolder(dirname(way.to), way.umask)
  if ((await git.try(repository, ['worktree', 'move', way.from, way.to])).ok) return
  // One with submodules is moved by hand, and git told of it.
  await rename(way.from, way.to)
  await git.run(repository, ['worktree', 'repair', way.to])
}

/** What test runs leave behind by convention is nobody's work. */
const GENERATED =
  /(^|\/)(node_modules|coverage|test-results|reports?|\.nyc_output|\.pytest_cache|__pycache__|\.venv|target|dist|build|htmlcov)(\/|$)|(^|\/)(\.coverage|coverage\.xml|junit[^/]*\.xml|[^/]*\.py[co]|[^/]*\.log)$/

/** What would be lost with it, in words; undefined when nothing would. `.git` is not looked through where it was out of our hands. */
export async function unsavedIn(
  git: Git,
  { folder, commit }: { folder: string; commit: string },
): Promise<string | undefined> {
  if (!existsSync(folder)) return undefined
  // Code of a submodule's own configuration is not run.
  const status = await git.try(folder, [
    '-c',
    'core.fsmonitor=false',
    'status',
    '--porcelain',
    '-z',
    '--ignore-submodules=all',
  ])
  if (!status.ok) return `git cannot read it: ${status.output.split('\n')[0]}`
  const changes = status.output
    .split('\0')
    .filter(entry => entry !== '' && !(entry.startsWith('??') && GENERATED.test(entry.slice(3))))
  if (changes.length > 0)
    return `${changes.length} change${changes.length === 1 ? '' : 's'}: ${changes[0]!.slice(3, 80)}`
  const head = await git.try(folder, ['rev-parse', 'HEAD'])
  return head.ok && head.output.trim() === commit ? undefined : 'another commit than the one that was deployed'
}

/** Takes it away, or puts it aside when something in it is nobody else's. Returns where it is then. */
export async function removeWorktree(
  git: Git,
  {
    repository,
    folder,
    commit,
    aside,
    umask,
  }: { repository: string; folder: string; commit: string; aside: string; umask: number },
): Promise<{ keptIn: string; why: string } | undefined> {
  const why = await unsavedIn(git, { folder, commit })
  if (why !== undefined) {
    await moveWorktree(git, repository, { from: folder, to: aside, umask })
    return { keptIn: aside, why }
  }
  if (existsSync(folder)) {
    const removed = await git.try(repository, ['worktree', 'remove', '--force', folder])
    if (!removed.ok && existsSync(folder)) await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  await git.try(repository, ['worktree', 'prune'])
  return undefined
}
