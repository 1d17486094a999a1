import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { gitWith } from '../../src/agencies/git.ts'
import { dress } from '../../src/worktrees/dressing.ts'
import { commit, git, gitProject } from '../e2e/gitProject.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'agency-dressing-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const ours = gitWith(0o022)

it('R-ALL-4 what is shared is never linked behind a link that a commit holds', async () => {
  const repository = await gitProject(join(home, 'repo'))
  await mkdir(join(repository, 'vendor', 'deps'), { recursive: true })
  await writeFile(join(repository, '.gitignore'), 'deps\n')
  await commit(repository, 'Ignore')
  const outside = join(home, 'outside')
  await mkdir(outside)
  for (const [name, lead] of [
    ['out', outside],
    ['nowhere', join(home, 'gone')],
  ] as const) {
    const folder = join(home, name)
    await git(repository, 'worktree', 'add', '--quiet', '-b', name, folder)
    await symlink(lead, join(folder, 'vendor'))
    const [note] = await dress(ours, { repository, folder, wishes: { share: ['vendor/deps'] } })
    expect(note).toBe('vendor/deps lies behind a link that is committed, so it is not shared')
  }
  expect(await readdir(outside)).toEqual([])
  expect(existsSync(join(home, 'gone'))).toBe(false)
  const plain = join(home, 'plain')
  await git(repository, 'worktree', 'add', '--quiet', '-b', 'plain', plain)
  expect(await dress(ours, { repository, folder: plain, wishes: { share: ['vendor/deps'] } })).toEqual([])
  expect(await readdir(join(plain, 'vendor'))).toEqual(['deps'])
})

it('R-ALL-4 where the work of an isolated agent is tried, its submodules come from the project, wherever it says they lie', async () => {
  const part = await gitProject(join(home, 'part'))
  const repository = await gitProject(join(home, 'repo'))
  await git(repository, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', part, 'part')
  await commit(repository, 'Part')
  const folder = join(home, 'tried')
  await git(repository, 'worktree', 'add', '--quiet', '-b', 'tried', folder)
  const config = await readFile(join(repository, '.git', 'config'), 'utf8')
  const called = join(home, 'called')
  process.env.GIT_SSH_COMMAND = `touch ${called}; false`
  try {
    await git(folder, 'config', '--file', '.gitmodules', 'submodule.part.url', 'ssh://nowhere.invalid/part')
    const evil = ['[submodule "evil"]', '\tpath = evil', '\turl = ssh://nowhere.invalid/evil', '']
    await writeFile(join(folder, '.gitmodules'), evil.join('\n'), { flag: 'a' })
    await git(folder, 'update-index', '--add', '--cacheinfo', `160000,${await git(part, 'rev-parse', 'HEAD')},evil`)
    await git(folder, 'add', '.gitmodules')
    await git(folder, 'commit', '--quiet', '-m', 'Elsewhere')
    const wishes = { submodules: true }
    const notes = await dress(ours, { repository, folder, wishes, isOfIsolated: true })
    expect(notes).toEqual(['its submodule evil is an empty folder: it is not one of the project'])
    expect(await readFile(join(folder, 'part', 'README.md'), 'utf8')).toBe('# Project\n')
    expect(existsSync(called)).toBe(false)
    expect(await readFile(join(repository, '.git', 'config'), 'utf8')).toBe(config)
    // At the cooperative level git does as the branch says.
    await dress(ours, { repository, folder, wishes })
    expect(existsSync(called)).toBe(true)
  } finally {
    delete process.env.GIT_SSH_COMMAND
  }
})
