import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { gitWith } from '../../src/agencies/git.ts'
import { advanceTarget } from '../../src/submissions/target.ts'
import { commit, git, gitProject } from '../e2e/gitProject.ts'

it('R-APR-4 a target that git does not move is held with what git said, and did not move on', async () => {
  const home = await mkdtemp(join(tmpdir(), 'agency-target-'))
  try {
    const repository = await gitProject(join(home, 'repo'))
    const from = await git(repository, 'rev-parse', 'HEAD')
    await git(repository, 'checkout', '--quiet', '-b', 'work')
    await writeFile(join(repository, 'work.txt'), 'made\n')
    const to = await commit(repository, 'Work')
    const lock = join(repository, '.git', 'refs', 'heads', 'main.lock')
    await writeFile(lock, '')
    const advance = { repository, target: 'main', from, to, approved: { branch: 'work', commit: to } }
    expect(await advanceTarget(gitWith(0o022), advance)).toEqual({
      kind: 'held',
      isOfGit: true,
      reason: expect.stringMatching(/^git does not move main: .*main\.lock/),
    })
    await rm(lock)
    expect(await advanceTarget(gitWith(0o022), { ...advance, from: to })).toEqual({ kind: 'moved' })
    expect(await advanceTarget(gitWith(0o022), advance)).toEqual({ kind: 'advanced' })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})
