/** A branch is handed in as it is committed: what lies beside it in its worktree would be neither seen nor tested. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Git } from '../agencies/git.ts'
import { AgencyError } from '../kernel/errors.ts'
import { lookAtWorktree } from '../tasks/worktree.ts'

/** AgencyError('UNSAVED_WORK') when the worktree holds something else than its branch. One that is gone holds nothing. */
export async function refuseUnfinished(git: Git, folder: string, branch: string): Promise<void> {
  const problem = await unfinished(git, folder, branch)
  if (problem) throw new AgencyError('UNSAVED_WORK', problem, { hint: `git -C ${folder} status` })
}

export async function unfinished(git: Git, folder: string, branch: string): Promise<string | undefined> {
  const look = await lookAtWorktree(git, folder, branch)
  if (!look)
    return existsSync(join(folder, '.git')) ? `${folder} cannot be read, or has lost its branch ${branch}` : undefined
  if (look.head !== look.commit)
    return `the worktree stands on ${look.head.slice(0, 12)} and not on its branch ${branch}`
  const [first, ...more] = look.uncommitted
  return first && `not committed: ${first}${more.length > 0 ? ` and ${more.length} more` : ''}`
}
