import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { gitWith } from '../../src/agencies/git.ts'
import { mainBranch, mainRef } from '../../src/worktrees/look.ts'
import { git, gitProject } from '../e2e/gitProject.ts'

it('R-AGY-6 the main branch is known by its full name, whatever else bears its short one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agency-look-'))
  try {
    const repo = await gitProject(join(folder, 'repo'))
    await git(repo, 'branch', '-m', 'main', 'trunk')
    await git(repo, 'tag', 'trunk')
    const ours = gitWith(0o022)
    expect([await mainBranch(ours, repo), await mainRef(ours, repo)]).toEqual(['trunk', 'refs/heads/trunk'])
    await git(repo, 'update-ref', 'refs/remotes/origin/next', 'HEAD')
    await git(repo, 'symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/next')
    await git(repo, 'tag', 'origin/next')
    expect([await mainBranch(ours, repo), await mainRef(ours, repo)]).toEqual([
      'origin/next',
      'refs/remotes/origin/next',
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
