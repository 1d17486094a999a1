/** What lies in a worktree's submodules, which git keeps beside the repository and would delete with the worktree. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Git } from './git.ts'

export function hasSubmodules(folder: string): boolean {
  return existsSync(join(folder, '.gitmodules'))
}

/** Commits that no remote of a submodule holds, in words; uncommitted changes show in the worktree's own status. */
export async function unsavedInSubmodules(git: Git, folder: string): Promise<readonly string[]> {
  if (!hasSubmodules(folder)) return []
  const count = 'git rev-list --count --all HEAD --not --remotes'
  const told = await git.try(folder, [
    'submodule',
    'foreach',
    '--quiet',
    '--recursive',
    `echo "$(${count}) $displaypath"`,
  ])
  if (!told.ok) return [`the submodules of ${folder} cannot be looked into: ${told.output.split('\n')[0]}`]
  return told.output.split('\n').flatMap(line => {
    const [, commits, path] = /^(\d+) (.+)$/.exec(line) ?? []
    return commits === undefined || commits === '0'
      ? []
      : [
          `the submodule ${join(folder, path!)} has ${commits} commit${commits === '1' ? '' : 's'} that its remote does not have`,
        ]
  })
}
