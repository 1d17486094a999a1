import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { diffDigest, diffText } from '../../src/submissions/diff.ts'
import { git } from '../e2e/gitProject.ts'
import { stage } from './stage.ts'

it('R-APR-4 what is shown, tested and merged is the commit itself, whatever the repository says it should be taken for', async () => {
  const { repository, parts } = await stage()
  const show = () => diffText(repository, { from: 'main', to: 'feature/x' }, 10_000)
  const digest = () => diffDigest(repository, 'main', 'feature/x')
  const before = { shown: await show(), digest: await digest() }
  const file = await git(repository, 'rev-parse', 'feature/x:x.txt')
  await git(repository, 'replace', file, await git(repository, 'rev-parse', 'main:README.md'))
  expect(await git(repository, 'show', 'feature/x:x.txt'), 'git by itself takes it for another').toBe('# Project')
  expect({ shown: await show(), digest: await digest() }).toEqual(before)
  expect(await parts.git.run(repository, ['cat-file', 'blob', 'feature/x:x.txt'])).toBe('x')
  const tip = await git(repository, 'rev-parse', 'feature/x')
  await writeFile(join(repository, '.git', 'info', 'grafts'), `${tip}\n`)
  expect(await git(repository, 'rev-list', '--count', 'feature/x'), 'git by itself takes it for a first commit').toBe(
    '1',
  )
  expect(await parts.git.run(repository, ['rev-list', '--count', 'feature/x'])).toBe('2')
})
