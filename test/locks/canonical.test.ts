import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonicalResources } from '../../src/locks/canonical.ts'
import { resourceKey } from '../../src/model/resource.ts'
import { git, gitProject } from '../e2e/gitProject.ts'

let root: string
let project: string
let worktree: string

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'agency-locks-')))
  project = await gitProject(join(root, 'project'))
  worktree = join(root, 'worktree')
  await git(project, 'worktree', 'add', '--quiet', '-b', 'side', worktree)
  for (const folder of [project, worktree]) {
    await mkdir(join(folder, 'src', 'deep'), { recursive: true })
    await writeFile(join(folder, 'src', 'a.ts'), '')
  }
  await symlink('src', join(project, 'link'))
  await symlink('a.ts', join(project, 'src', 'same.ts'))
  await symlink('nowhere', join(project, 'src', 'broken'))
  await symlink(root, join(project, 'out'))
  await mkdir(join(project, 'app', '[id]'), { recursive: true })
  await writeFile(join(project, 'app', '[id]', 'page.tsx'), '')
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function keys(text: string | readonly string[], cwd = project): Promise<readonly string[]> {
  const resources = await canonicalResources(typeof text === 'string' ? [text] : text, cwd)
  return resources.map(resource => resourceKey(resource).replace(`git:${project}/.git//`, ''))
}

describe('what somebody writes', () => {
  it.each([
    ['src/a.ts', ['src/a.ts']],
    ['./src//a.ts', ['src/a.ts']],
    ['src/deep/../a.ts', ['src/a.ts']],
    ['link/a.ts', ['src/a.ts']],
    ['src', ['src/']],
    ['src/', ['src/']],
    ['.', ['']],
    ['new/file.ts', ['new/file.ts']],
    ['new/', ['new/']],
    ['link/new.ts', ['src/new.ts']],
    ['src/same.ts', ['src/a.ts', 'src/same.ts']],
    ['link', ['link', 'src/']],
    ['src/broken', ['src/broken']],
    ['src/**/*.ts', ['src/**/*.ts//glob']],
    ['link/*.ts', ['src/*.ts//glob']],
    ['**', ['**//glob']],
    ['app/[id]/page.tsx', ['app/[id]/page.tsx']],
    ['app/[id]/*.tsx', ['app/\\[id\\]/*.tsx//glob']],
    ['file:new/[x].ts', ['new/[x].ts']],
    ['cafe\u0301.ts', ['caf\u00e9.ts']],
    ['caf\u00e9.ts', ['caf\u00e9.ts']],
    ['name:deploy', ['name//deploy']],
    ['name:cafe\u0301', ['name//caf\u00e9']],
    ['unit:0192F3A1-0000-7000-8000-000000000001', ['unit//0192f3a1-0000-7000-8000-000000000001']],
  ])('R-LCK-1 %s is one thing', async (text, expected) => {
    expect(await keys(text)).toEqual(expected)
  })

  it('R-LCK-1 a file is the same in every worktree of its repository, from every folder in it, and by its whole path', async () => {
    const here = await keys('src/a.ts')
    expect(await keys('src/a.ts', worktree)).toEqual(here)
    expect(await keys('../a.ts', join(worktree, 'src', 'deep'))).toEqual(here)
    expect(await keys(join(worktree, 'src/a.ts'), root)).toEqual(here)
    expect(await keys('worktree/src/a.ts', root)).toEqual(here)
  })

  it('R-LCK-1 outside of a repository it is the whole path', async () => {
    expect(await keys('plain/a.ts', root)).toEqual([`files//${join(root, 'plain/a.ts').slice(1)}`])
    await mkdir(join(root, 'fake', '.git'), { recursive: true })
    expect(await keys('a.ts', join(root, 'fake'))).toEqual([`files//${join(root, 'fake/a.ts').slice(1)}`])
  })

  it.each([
    ['../outside.ts', 'leaves the repository'],
    ['src/../../outside.ts', 'leaves the repository'],
    ['out/outside.ts', 'leaves the repository'],
    ['../*.ts', 'leaves the repository'],
    ['src/*/../../../x', 'after a wildcard'],
    ['', 'cannot be a resource'],
    ['a\0b', 'cannot be a resource'],
    ['\ud800', 'cannot be a resource'],
    ['x'.repeat(5_000), 'cannot be a resource'],
    ['file:', 'cannot be a resource'],
    ['name:two words', 'has a space'],
    ['name:', 'is empty'],
    ['unit:12345678', 'whole id'],
    ['!src/*', 'leaving out'],
  ])('R-LCK-1 R-ALL-4 what cannot be one is refused, and why is said, %#', async (text, message) => {
    await expect(keys(text)).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) })
  })

  it('R-LCK-2 ten thousand are taken, one more is not; more than 64 globs are not either', async () => {
    const many = Array.from({ length: 10_001 }, (_, index) => `src/${index % 50}/file-${index}.ts`)
    await expect(keys(many)).rejects.toMatchObject({ code: 'TOO_LARGE' })
    const took = async (count: number) => {
      const start = performance.now()
      expect(await keys(many.slice(0, count))).toHaveLength(count)
      return performance.now() - start
    }
    // Some 20 ms and 150 ms alone.
    const less = await took(1_000)
    expect(await took(10_000)).toBeLessThan(40 * less)
    const globs = Array.from({ length: 65 }, (_, index) => `src/*-${index}.ts`)
    await expect(keys(globs)).rejects.toMatchObject({ code: 'TOO_LARGE' })
  })
})
