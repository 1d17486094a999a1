/** What is asked of a repository in more than one place. */
import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Git } from '../agencies/git.ts'

/** The folder that all its worktrees share. */
export async function commonDirOf(git: Git, repository: string): Promise<string> {
  return realpath(resolve(repository, (await git.run(repository, ['rev-parse', '--git-common-dir'])).trim()))
}

/** Two commits with the same one hold the same files. */
export async function treeOf(git: Git, repository: string, commit: string): Promise<string> {
  return (await git.run(repository, ['rev-parse', `${commit}^{tree}`])).trim()
}
