/** The folder that all worktrees of a repository share. */
import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Git } from '../agencies/git.ts'

export async function commonDirOf(git: Git, repository: string): Promise<string> {
  return realpath(resolve(repository, (await git.run(repository, ['rev-parse', '--git-common-dir'])).trim()))
}
