/** What would be lost with an agent's workplace, in words. */
import { readdir } from 'node:fs/promises'
import type { Git } from './git.ts'
import { unsavedInSubmodules } from './submodules.ts'
import type { Workplace } from './worktrees.ts'

/** With the workplace and its branch; empty when nothing would. */
export async function unsavedWork(
  git: Git,
  repository: string | undefined,
  { folder, branch }: Workplace,
): Promise<readonly string[]> {
  if (!repository || !branch) {
    const files = await readdir(folder).catch(() => [])
    return files.length > 0 ? [`${folder} holds ${files.length} file${files.length === 1 ? '' : 's'}`] : []
  }
  const inFolder = await unsavedInFolder(git, { folder, branch })
  const count = await countAhead(git, repository, `refs/heads/${branch}`)
  return [...inFolder, ...(count > 0 ? [`branch ${branch} has ${commits(count)} that no other branch holds`] : [])]
}

/** What its branch in the repository does not hold. */
export async function unsavedInFolder(
  git: Git,
  { folder, branch }: { folder: string; branch: string },
): Promise<readonly string[]> {
  const repository = await git.commitsOf(folder)
  const found: string[] = []
  const status = await git.try(folder, ['status', '--porcelain'])
  const changes = status.ok ? status.output.split('\n').filter(Boolean).length : 0
  // A worktree that git cannot read any more may hold anything.
  if (!status.ok && (await readdir(folder).catch(() => [])).length > 0)
    found.push(`${folder} cannot be looked into: ${status.output.split('\n')[0]}`)
  if (changes > 0) found.push(`${folder} has ${changes} uncommitted change${changes === 1 ? '' : 's'}`)
  const isOnBranch = (await git.try(folder, ['symbolic-ref', '--quiet', 'HEAD'])).ok
  const detached = isOnBranch ? 0 : await countAhead(git, folder, 'HEAD')
  if (detached > 0) found.push(`detached HEAD in ${folder} has ${commits(detached)} that no other branch holds`)
  if (git.isClone(folder)) found.push(...(await unsavedInClone(git, { folder, branch, repository })))
  return [...found, ...(await unsavedInSubmodules(git, folder))]
}

async function countAhead(git: Git, folder: string, revision: string): Promise<number> {
  const others = ['--exclude=agency/*', '--branches', '--remotes', '--tags']
  const ahead = await git.try(folder, ['rev-list', '--count', revision, '--not', ...others])
  return ahead.ok ? Number(ahead.output) : 0
}

const OWN_REFS = ['--branches', '--glob=refs/stas[h]']

/** What the repository has never seen: other branches, stashes, and a branch that could not be fetched. */
async function unsavedInClone(
  git: Git,
  { folder, branch, repository }: { folder: string; branch: string; repository: string },
): Promise<readonly string[]> {
  const own = `refs/heads/${branch}`
  const others = await git.try(folder, ['rev-list', '--count', ...OWN_REFS, '--not', '--remotes', '--tags', own])
  const count = others.ok ? Number(others.output) : 0
  const found = count > 0 ? [`${folder} has ${commits(count)} on branches of its own or stashed`] : []
  const [here, there] = await Promise.all([folder, repository].map(place => git.try(place, ['rev-parse', own])))
  const isTaken = !here?.ok || here.output.trim() === there?.output.trim()
  return isTaken ? found : [...found, `${folder}: its branch ${branch} could not be fetched into ${repository}`]
}

function commits(count: number): string {
  return `${count} commit${count === 1 ? '' : 's'}`
}
