/** An agent whose level has changed gets the other kind of workplace, on its branch as it stands; never while something would be lost. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Git } from '../agencies/git.ts'
import { unsavedInFolder } from '../agencies/unsaved.ts'
import { removeWorkplace } from '../agencies/worktrees.ts'
import type { Workspace } from '../config/workspace.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { AgentRecord } from '../model/agent.ts'

export interface Conversion {
  readonly git: Git
  readonly workspace: Workspace
}

/** True when the old one is gone and another is to be made. AgencyError('UNSAVED_WORK') when it holds something that its branch does not. */
export async function clearForLevel(
  parts: Conversion,
  { address, workdir, branch }: AgentRecord & { branch: string },
  { repository, isIsolated }: { repository: string; isIsolated: boolean },
): Promise<boolean> {
  const { git } = parts
  const isClone = git.isClone(workdir)
  if (!existsSync(join(workdir, '.git')) || isClone === isIsolated) return false
  const unsaved = await unsavedInFolder(git, { folder: workdir, branch })
  if (unsaved.length > 0)
    throw new AgencyError(
      'UNSAVED_WORK',
      `${address} is to work ${isIsolated ? 'in a clone of its own' : 'in a worktree'}, and what it has would be lost:\n  ${unsaved.join('\n  ')}`,
      { hint: `commit it on ${branch} in ${workdir}, then agency restart ${address}` },
    )
  await removeWorkplace(parts, repository, { folder: workdir, branch }, { keepsBranch: true })
  return true
}
