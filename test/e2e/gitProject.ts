/** A small real git repository for a test. */
import { mkdir, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

const IDENTITY = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org']

export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execa('git', ['-C', folder, ...IDENTITY, ...args], {
    env: { GIT_CONFIG_GLOBAL: '/dev/null' },
  })
  return stdout
}

/** A repository with one commit on `main`; `isEmpty`: without any. */
export async function gitProject(folder: string, options: { isEmpty?: boolean } = {}): Promise<string> {
  await mkdir(folder, { recursive: true })
  await git(folder, 'init', '--quiet', '--initial-branch', 'main')
  await writeFile(join(folder, 'README.md'), '# Project\n')
  if (options.isEmpty) return realpath(folder)
  await commit(folder, 'Begin')
  return realpath(folder)
}

export async function commit(folder: string, message: string): Promise<string> {
  await git(folder, 'add', '-A')
  await git(folder, 'commit', '--quiet', '-m', message)
  return git(folder, 'rev-parse', 'HEAD')
}

/** Names of the branches that agents work on. */
export async function agentBranches(repository: string): Promise<readonly string[]> {
  const listed = await git(repository, 'branch', '--list', '--format=%(refname:short)', 'agency/*')
  return listed.split('\n').filter(Boolean)
}

/** Folders of the linked worktrees. */
export async function worktrees(repository: string): Promise<readonly string[]> {
  const listed = await git(repository, 'worktree', 'list', '--porcelain')
  return listed
    .split('\n')
    .filter(line => line.startsWith('worktree '))
    .map(line => line.slice('worktree '.length))
    .slice(1)
}
