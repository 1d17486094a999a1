import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { git, gitProject } from './gitProject.ts'
import { asAgent, createTeam } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

const ME = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org']

/** A team of two with a worktree each. */
async function team(bench: Workbench): Promise<{ project: string; one: string; two: string }> {
  const project = await gitProject(bench.file('project'))
  await writeFile(join(project, 'other.md'), 'other\n')
  await git(project, 'add', '-A')
  await git(project, 'commit', '--quiet', '-m', 'Other')
  await writeFile(bench.file('agency.yaml'), `${await bench.text('agency.yaml')}\nrepo: project\n`)
  await bench.ok(['daemon', 'restart'])
  await createTeam(bench, 'Duo', { agents: ['one', 'two'] })
  const worktree = (agent: string) => bench.file('sandbox', 'worktrees', 'Duo', agent)
  return { project, one: worktree('one'), two: worktree('two') }
}

async function commitIn(bench: Workbench, folder: string, agent: string | undefined, ...args: readonly string[]) {
  const identity = agent === undefined ? {} : asAgent(bench, agent).env
  return execa('git', ['-C', folder, ...ME, ...args], {
    env: { ...bench.environment(identity), GIT_CONFIG_GLOBAL: '/dev/null' },
    extendEnv: false,
    reject: false,
  })
}

async function edit(folder: string, file: string, text: string): Promise<void> {
  await mkdir(join(folder, file, '..'), { recursive: true })
  await writeFile(join(folder, file), text)
  await git(folder, 'add', '-A')
}

it("R-LCK-3 a commit in an agent's worktree that touches a file under another's lease is refused, and says whose", async () => {
  await using bench = await Workbench.open()
  const { project, one, two } = await team(bench)
  const held = { ...asAgent(bench, 'Duo/one'), cwd: one }
  await bench.ok(['lock', 'acquire', 'README.md', 'src/', '--ttl', '10m', '--why', 'the new title'], held)
  await edit(two, 'README.md', 'mine\n')
  await edit(two, 'src/new/ä b.ts', 'mine\n')
  const refused = await commitIn(bench, two, 'Duo/two', 'commit', '-m', 'Mine')
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain('2 files under another')
  expect(refused.stderr).toMatch(
    /README\.md is held by Duo\/one \(exclusive\) for 10 min more, until \d\d:\d\d:\d\d: "the new title"/,
  )
  expect(refused.stderr).toContain('src/new/ä b.ts is held by Duo/one')
  expect(refused.stderr).toContain('git restore --staged')
  // What is left out of the commit stands in nobody's way; the holder's own commits do neither.
  await git(two, 'restore', '--staged', 'README.md', 'src')
  await writeFile(join(two, 'other.md'), 'mine too\n')
  expect((await commitIn(bench, two, 'Duo/two', 'commit', '-m', 'Mine', 'other.md')).exitCode).toBe(0)
  await edit(one, 'README.md', 'one\n')
  expect((await commitIn(bench, one, 'Duo/one', 'commit', '-m', 'One')).exitCode).toBe(0)
  // A shared lease of another is in the way too: its owner relies on what is there.
  await bench.ok(['lock', 'release', '--all'], held)
  await bench.ok(['lock', 'acquire', 'README.md', '--shared', '--ttl', '10m'], held)
  await git(two, 'add', 'README.md')
  expect((await commitIn(bench, two, 'Duo/two', 'commit', '-m', 'Mine')).stderr).toContain('(shared)')
  await bench.ok(['lock', 'release', '--all'], held)
  expect((await commitIn(bench, two, 'Duo/two', 'commit', '-m', 'Mine')).exitCode).toBe(0)
  // The person's own checkout has none of this.
  await bench.ok(['lock', 'acquire', 'README.md', '--ttl', '10m'], held)
  await edit(project, 'README.md', 'the person\n')
  expect((await commitIn(bench, project, undefined, 'commit', '-m', 'Person')).exitCode).toBe(0)
  expect(await git(project, 'config', '--default', 'none', '--get', 'core.hooksPath')).toBe('none')
}, 60_000)

it('R-LCK-3 a worktree that was made before there were hooks gets them when its agency starts', async () => {
  await using bench = await Workbench.open()
  const { one, two } = await team(bench)
  await git(two, 'config', '--worktree', '--unset', 'core.hooksPath')
  await rm(bench.file('registry', 'hooks'), { recursive: true })
  await bench.ok(['lock', 'acquire', 'README.md', '--ttl', '10m'], { ...asAgent(bench, 'Duo/one'), cwd: one })
  await edit(two, 'README.md', 'mine\n')
  await bench.ok(['start', 'Duo'])
  expect((await commitIn(bench, two, 'Duo/two', 'commit', '-m', 'Mine')).stderr).toContain(
    'README.md is held by Duo/one',
  )
}, 60_000)

it('R-LCK-3 without a daemon the last view is read, and nothing is started; without a view the commit passes, and says so', async () => {
  await using bench = await Workbench.open()
  const { one, two } = await team(bench)
  await bench.ok(['lock', 'acquire', 'README.md', '*.txt', '--ttl', '10m'], { ...asAgent(bench, 'Duo/one'), cwd: one })
  await edit(two, 'README.md', 'mine\n')
  await bench.ok(['daemon', 'stop'])
  const refused = await commitIn(bench, two, 'Duo/two', 'commit', '-m', 'Mine')
  expect(refused).toMatchObject({ exitCode: 1 })
  expect(refused.stderr).toContain('README.md is held by Duo/one')
  expect(refused.stderr).toContain('no daemon answers')
  await edit(two, 'a.txt', 'mine\n')
  await git(two, 'restore', '--staged', 'README.md')
  expect((await commitIn(bench, two, 'Duo/two', 'commit', '-m', 'Mine')).stderr).toContain('a.txt is held by Duo/one')
  expect((await bench.run(['daemon', 'status', '--json'])).json).not.toMatchObject({ pid: expect.any(Number) })
  await rename(bench.file('registry', 'locks.json'), bench.file('registry', 'gone.json'))
  const passed = await commitIn(bench, two, 'Duo/two', 'commit', '-m', 'Mine')
  expect(passed).toMatchObject({ exitCode: 0 })
  expect(passed.stderr).toContain('not held against the leases')
}, 60_000)

it("R-LCK-3 the repository's own hooks run as ever: in its folder, and where core.hooksPath names another, also set later", async () => {
  await using bench = await Workbench.open()
  const { project, two } = await team(bench)
  const hook = async (path: string, word: string) => {
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, `#!/bin/sh\necho "${word} $(basename "$0") $# $(pwd)" >>"${bench.file('ran')}"\n`)
    await chmod(path, 0o755)
  }
  const ran = async () => {
    const text = await readFile(bench.file('ran'), 'utf8').catch(() => '')
    await rm(bench.file('ran'), { force: true })
    return text.split('\n').filter(Boolean)
  }
  for (const name of ['pre-commit', 'commit-msg', 'post-checkout'])
    await hook(join(project, '.git', 'hooks', name), 'own')
  await edit(two, 'a.txt', 'a\n')
  expect((await commitIn(bench, two, 'Duo/two', 'commit', '-m', 'A')).exitCode).toBe(0)
  expect(await ran()).toEqual([`own pre-commit 0 ${two}`, `own commit-msg 1 ${two}`])
  await git(project, 'config', 'core.hooksPath', '.husky/_')
  await hook(join(two, '.husky', '_', 'pre-commit'), 'husky')
  await edit(two, 'a.txt', 'b\n')
  expect((await commitIn(bench, two, 'Duo/two', 'commit', '-m', 'B')).exitCode).toBe(0)
  expect(await ran()).toEqual([`husky pre-commit 0 ${two}`])
  await writeFile(join(two, '.husky', '_', 'pre-commit'), '#!/bin/sh\necho no >&2\nexit 3\n')
  await edit(two, 'a.txt', 'c\n')
  expect((await commitIn(bench, two, 'Duo/two', 'commit', '-m', 'C')).stderr).toContain('no')
}, 60_000)

it('R-LCK-3 a merge may bring in what others have committed under their lease; what it changes beside that, it may not', async () => {
  await using bench = await Workbench.open()
  const { one, two } = await team(bench)
  await bench.ok(['lock', 'acquire', 'README.md', '--ttl', '10m'], { ...asAgent(bench, 'Duo/one'), cwd: one })
  await edit(one, 'README.md', 'one\n')
  expect((await commitIn(bench, one, 'Duo/one', 'commit', '-m', 'One')).exitCode).toBe(0)
  await edit(two, 'other.md', 'two\n')
  expect((await commitIn(bench, two, 'Duo/two', 'commit', '-m', 'Two')).exitCode).toBe(0)
  const merge = await commitIn(bench, two, 'Duo/two', 'merge', '--no-edit', 'agency/Duo/one')
  expect(merge.stderr).toBe('')
  expect(merge.exitCode).toBe(0)
  await edit(one, 'README.md', 'one again\n')
  expect((await commitIn(bench, one, 'Duo/one', 'commit', '-m', 'Again')).exitCode).toBe(0)
  await commitIn(bench, two, 'Duo/two', 'merge', '--no-commit', '--no-ff', 'agency/Duo/one')
  await edit(two, 'README.md', 'neither\n')
  expect((await commitIn(bench, two, 'Duo/two', 'commit', '--no-edit')).stderr).toContain(
    'README.md is held by Duo/one',
  )
}, 60_000)
