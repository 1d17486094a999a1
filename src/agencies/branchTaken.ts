/** Refuses a branch that is not the agent's to take, before git does it in words that name no next step. */
import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { AgencyError } from '../kernel/errors.ts'
import { type Git, hasBranch } from './git.ts'

export interface Claim {
  readonly repository: string
  readonly folder: string
  readonly branch: string
  /** True when the agent has worked on it before. */
  readonly isOurs: boolean
}

/** AgencyError('CONFLICT') when another worktree has the branch, when it holds commits of nobody knows whom, or when its name cannot be. */
export async function refuseTakenBranch(git: Git, claim: Claim): Promise<void> {
  const { repository, folder, branch, isOurs } = claim
  await refuseParentBranch(git, repository, branch)
  if (!(await hasBranch(git, repository, branch))) return
  const elsewhere = await worktreeOf(git, repository, branch)
  const own = await realpath(folder).catch(() => folder)
  if (elsewhere !== undefined && elsewhere !== own && existsSync(elsewhere))
    throw new AgencyError('CONFLICT', `the branch ${branch} is checked out in another worktree: ${elsewhere}`, {
      hint: `git -C ${repository} worktree remove ${elsewhere}   or   git -C ${elsewhere} switch --detach`,
    })
  if (isOurs) return
  const ahead = await git.try(repository, ['rev-list', '--count', `refs/heads/${branch}`, '--not', 'HEAD', '--'])
  const count = ahead.ok ? Number(ahead.output) : 0
  if (count > 0)
    throw new AgencyError(
      'CONFLICT',
      `the branch ${branch} exists in ${repository}, with ${count} commit${count === 1 ? '' : 's'} that HEAD does not have`,
      {
        hint: `git -C ${repository} branch -m ${branch} kept/${branch}   or, for the agent to go on with it, git -C ${repository} worktree add ${folder} ${branch}`,
      },
    )
}

/** Where there is a branch `agency`, git can make none below it. */
async function refuseParentBranch(git: Git, repository: string, branch: string): Promise<void> {
  const parts = branch.split('/')
  for (let length = 1; length < parts.length; length++) {
    const parent = parts.slice(0, length).join('/')
    if (await hasBranch(git, repository, parent))
      throw new AgencyError('CONFLICT', `${repository} has a branch ${parent}, so git cannot make ${branch}`, {
        hint: `git -C ${repository} branch -m ${parent} ${parent}-old`,
      })
  }
}

/** The folder in which the branch is checked out, or was when somebody deleted it. */
export async function worktreeOf(git: Git, repository: string, branch: string): Promise<string | undefined> {
  const listed = await git.run(repository, ['worktree', 'list', '--porcelain'])
  for (const entry of listed.split('\n\n')) {
    const lines = entry.split('\n')
    const folder = lines.find(line => line.startsWith('worktree '))?.slice('worktree '.length)
    if (folder !== undefined && lines.includes(`branch refs/heads/${branch}`)) return folder
  }
  return undefined
}
