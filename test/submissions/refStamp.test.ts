import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { refStamp } from '../../src/submissions/refStamp.ts'
import { git, gitProject } from '../e2e/gitProject.ts'

it('R-APR-4 the stamp of branches changes with every move, in whatever way git keeps them, and with nothing else', async () => {
  const root = await mkdtemp(join(tmpdir(), 'agency-refs-'))
  try {
    const repo = await gitProject(join(root, 'project'))
    const settled = async () => (await until(() => refStamp(join(repo, '.git')), { timeoutMs: 5_000 }))!
    const first = await settled()
    expect(await settled(), 'nothing has moved').toBe(first)
    await git(repo, 'status')
    await git(repo, 'tag', 'v1')
    expect(await settled(), 'looked at, and tagged').toBe(first)

    const moves: readonly (readonly string[])[] = [
      ['commit', '--quiet', '--allow-empty', '-m', 'More'],
      ['branch', 'deep/er/other'],
      ['pack-refs', '--all'],
      ['update-ref', 'refs/heads/deep/er/other', 'HEAD~1'],
      ['update-ref', 'refs/heads/deep/er/other', 'HEAD'],
      ['branch', '-D', 'deep/er/other'],
      ['checkout', '--quiet', '-b', 'elsewhere'],
      ['branch', '-m', 'main', 'trunk'],
      ['worktree', 'add', '--quiet', '-b', 'side', join(root, 'side')],
    ]
    const seen = new Set([first])
    const isNew = async (how: readonly string[]) => {
      const now = refStamp(join(repo, '.git'))
      expect(now !== undefined && seen.has(now), `${how}: at once`).toBe(false)
      const later = await settled()
      expect(seen.has(later), String(how)).toBe(false)
      seen.add(later)
    }
    for (const move of moves) {
      await git(repo, ...move)
      await isNew(move)
    }
    await git(join(root, 'side'), 'commit', '--quiet', '--allow-empty', '-m', 'By a worktree')
    await isNew(['commit in another worktree'])
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
