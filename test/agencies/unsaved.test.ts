import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { gitWith } from '../../src/agencies/git.ts'
import { unsavedWork } from '../../src/agencies/unsaved.ts'
import { branchOf, ensureWorkplace, removeWorkplace, workplaceFolder } from '../../src/agencies/worktrees.ts'
import { workspaceAt } from '../../src/config/workspace.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { lookAtWorktree } from '../../src/tasks/worktree.ts'
import { git, gitProject } from '../e2e/gitProject.ts'
import { temporaryFolder } from '../storage/sqlite/setup.ts'

it('R-AGY-5 a new file is work that would be lost, also for a person whose git shows none', async () => {
  const root = temporaryFolder()
  const workspace = workspaceAt(root)
  const repository = await gitProject(join(root, 'project'))
  const parts = { workspace, git: gitWith(0o022), log: silentLog(), umask: 0o022 }
  const { workplace } = await ensureWorkplace(parts, repository, { agency: 'Code', name: 'a' })
  expect(workplace).toEqual({ folder: workplaceFolder(workspace, 'Code', 'a'), branch: branchOf('Code', 'a') })
  await git(repository, 'config', 'status.showUntrackedFiles', 'no')
  await writeFile(join(workplace.folder, 'new.ts'), 'all of a day\n')
  expect(await unsavedWork(parts.git, repository, workplace)).toEqual([`${workplace.folder} has 1 uncommitted change`])
  const look = await lookAtWorktree(parts.git, workplace.folder, workplace.branch!)
  expect(look?.uncommitted).toEqual(['new.ts'])
  // Not even when it comes between the look and the removal.
  await removeWorkplace(parts, repository, workplace)
  expect(existsSync(join(workplace.folder, 'new.ts'))).toBe(true)
})
