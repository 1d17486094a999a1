import { existsSync } from 'node:fs'
import { lstat, mkdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { agentBranches, commit, git, gitProject, worktrees } from './gitProject.ts'
import { createTeam, got } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

async function withProject(settings = ''): Promise<{ bench: Workbench; repository: string }> {
  const bench = await Workbench.open({ settings: `repo: project\n${settings}` })
  return { bench, repository: await gitProject(bench.file('project')) }
}

/** Turns a team's definition into another, as a person edits it. */
async function edit(bench: Workbench, agency: string, change: (definition: Edited) => void): Promise<void> {
  const definition = JSON.parse(await bench.text('agencies', agency, 'agency.json')) as Edited
  change(definition)
  await writeFile(bench.file('agencies', agency, 'agency.json'), JSON.stringify(definition))
}
interface Edited {
  agents: { name: string }[]
  worktrees?: object
}

it('R-AGY-6 agency git status shows each worktree: ahead, behind, uncommitted and since when, detached, conflicts, gone', async () => {
  const { bench: opened, repository } = await withProject()
  await using bench = opened
  await createTeam(bench, 'Duo', { agents: ['a', 'b', 'c', 'd'] })
  const folder = (agent: string) => bench.file('sandbox', 'worktrees', 'Duo', agent)
  await writeFile(join(folder('a'), 'draft one.txt'), 'not committed')
  await rm(join(folder('a'), 'README.md'))
  await writeFile(join(folder('b'), 'done.txt'), 'committed')
  await commit(folder('b'), 'Work of b \u001b[31m')
  await git(folder('c'), 'switch', '--quiet', '--detach')
  await writeFile(join(repository, 'README.md'), '# Changed on main\n')
  await commit(repository, 'Main goes on')
  await writeFile(join(folder('d'), 'README.md'), '# Changed by d\n')
  await commit(folder('d'), 'Work of d')
  await git(folder('d'), 'rebase', 'main').catch(() => undefined)
  await rm(folder('lead'), { recursive: true })

  const { agencies } = await bench.ok(['git', 'status'])
  expect(agencies).toMatchObject([{ agency: 'Duo', repository, main: 'main' }])
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
  const of = (agent: string) => agencies[0].worktrees.find((one: any) => one.agent === `Duo/${agent}`)
  expect(of('a')).toMatchObject({ state: 'changed', uncommitted: 2, ahead: 0, behind: 1 })
  expect(Date.now() - Date.parse(of('a').oldestChangeAt)).toBeLessThan(60_000)
  expect(of('b')).toMatchObject({ state: 'clean', ahead: 1, behind: 1, lastCommit: { subject: expect.any(String) } })
  expect(of('c')).toMatchObject({ state: 'clean', elsewhere: { detachedAt: expect.stringMatching(/^[0-9a-f]{8}$/) } })
  expect(of('d')).toMatchObject({ state: 'conflict', underWay: 'rebase' })
  expect(of('lead')).toMatchObject({ state: 'missing', branch: 'agency/Duo/lead' })
  // The look itself changes nothing and leaves no lock behind.
  expect(existsSync(join(repository, '.git', 'worktrees', 'a', 'index.lock'))).toBe(false)

  const shown = (await bench.run(['git', 'status', 'Duo'])).stdout
  expect(shown).toMatch(/a +2 uncommitted for \d+ s +-1/)
  expect(shown).toMatch(/b +clean +\+1 -1 +Work of b \ufffd?\[31m/)
  expect(shown).toMatch(/c +clean, detached at [0-9a-f]{8}/)
  expect(shown).toMatch(/d +conflicts, 1 uncommitted, rebase under way, detached/)
  expect(shown).toMatch(/lead +its folder is gone/)
  expect(shown).not.toContain('\u001b')
  expect((await bench.run(['git', 'status', 'Nowhere'])).code).toBe(3)
  expect((await bench.run(['git', 'push'])).code).toBe(2)
})

it('R-AGY-6 a worktree deleted by hand is told of, and a start makes it again on its branch with every commit', async () => {
  const { bench: opened, repository } = await withProject()
  await using bench = opened
  await createTeam(bench, 'Duo', { agents: ['a', 'b'] })
  const a = bench.file('sandbox', 'worktrees', 'Duo', 'a')
  const b = bench.file('sandbox', 'worktrees', 'Duo', 'b')
  await writeFile(join(a, 'done.txt'), 'committed')
  const made = await commit(a, 'Work of a')
  await rm(a, { recursive: true })
  const findings = (await bench.ok(['doctor'])).findings as { what: string; hint?: string }[]
  const told = findings.find(({ what }) => what.includes(a))
  expect(told).toMatchObject({
    what: expect.stringContaining('is gone'),
    hint: expect.stringContaining('restart Duo/a'),
  })

  await bench.ok(['restart', 'Duo/a'])
  expect(await git(a, 'rev-parse', 'HEAD')).toBe(made)
  expect(await git(a, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('agency/Duo/a')
  const sent = await bench.ok(['send', 'Duo/a', 'NOTE still there?', '--wait', 'confirmed'])
  expect(sent.deliveries[0].state).toBe('confirmed')
  const recorded = (await bench.ok(['log', '--subject', 'Duo/a', '--type', 'decision', '--grep', 'was gone'])).units
  expect(recorded).toHaveLength(1)

  // All of them, while nothing runs, and an empty folder in place of one.
  await bench.ok(['down'])
  await rm(bench.file('sandbox', 'worktrees', 'Duo'), { recursive: true })
  await mkdir(b, { recursive: true })
  await bench.ok(['up'])
  expect(await git(a, 'rev-parse', 'HEAD')).toBe(made)
  expect(await git(b, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('agency/Duo/b')
  expect(await worktrees(repository)).toHaveLength(3)

  // What lost its .git file is not taken for empty.
  await bench.ok(['stop', 'Duo/b'])
  await rm(join(b, '.git'))
  await bench.run(['start', 'Duo/b'])
  expect((await bench.ok(['git', 'status'])).agencies[0].worktrees).toContainEqual(
    expect.objectContaining({ agent: 'Duo/b', state: 'broken', problem: 'its .git file is gone' }),
  )
  expect(await readFile(join(b, 'README.md'), 'utf8')).toBe('# Project\n')
  expect((await bench.ok(['explain', 'Duo/b'])).agent.evidence).toContain('lost its .git file')
})

it('R-AGY-6 a branch that is taken, holds work of others, or cannot be made is named, with what to do, and nothing is made', async () => {
  const { bench: opened, repository } = await withProject()
  await using bench = opened
  const create = ['create', 'Duo', '--agents', 'a', '--repo', repository]
  const fails = async (text: string) => {
    const ran = await bench.run(create)
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining(text)])
    expect(ran.stderr).toMatch(/\ntry {4}git /)
    expect(existsSync(bench.file('agencies', 'Duo'))).toBe(false)
    return /\ntry {4}(git .*?)( {3}or |$)/.exec(ran.stderr)![1]!
  }
  const elsewhere = bench.file('elsewhere')
  await git(repository, 'worktree', 'add', '--quiet', '-b', 'agency/Duo/a', elsewhere)
  await fails(`the branch agency/Duo/a is checked out in another worktree: ${elsewhere}`)
  await writeFile(join(elsewhere, 'theirs.txt'), 'work')
  const theirs = await commit(elsewhere, 'Work of somebody')
  await git(repository, 'worktree', 'remove', elsewhere)
  await fails('with 1 commit that HEAD does not have')
  expect(await agentBranches(repository)).toEqual(['agency/Duo/a'])
  await git(repository, 'branch', '-m', 'agency/Duo/a', 'kept/agency/Duo/a')
  await git(repository, 'branch', 'agency/Duo')
  await fails('has a branch agency/Duo, so git cannot make agency/Duo/lead')
  await git(repository, 'branch', '-D', 'agency/Duo')
  // One that holds nothing of its own is nobody's loss.
  await git(repository, 'branch', 'agency/Duo/a')
  await bench.ok(create)
  expect(await git(repository, 'rev-parse', 'kept/agency/Duo/a')).toBe(theirs)
})

it('R-AGY-6 dependencies are shared by a link that no commit carries, and the setup runs once in each new worktree', async () => {
  const { bench: opened, repository } = await withProject()
  await using bench = opened
  await writeFile(join(repository, '.gitignore'), 'node_modules/\n.venv\n')
  await mkdir(join(repository, 'tracked'))
  await writeFile(join(repository, 'tracked', 'file.txt'), 'x')
  await commit(repository, 'Ignore')
  for (const name of ['node_modules', 'loose']) await mkdir(join(repository, name))
  await writeFile(join(repository, 'node_modules', 'dependency.js'), 'shared')
  await mkdir(bench.file('templates', 'agencies', 'Duo'), { recursive: true })
  const share = ['node_modules', '.venv', 'tracked', 'loose']
  const setup =
    'echo begun; echo "$AGENCY_TOKEN_FILE" > token.txt; pwd >> ../../../../setups.txt; test "$(basename "$PWD")" != b'
  const agents = ['a', 'b'].map(name => ({ name }))
  const definition = { name: 'Duo', coordinator: { name: 'lead' }, agents, worktrees: { share, setup } }
  await writeFile(bench.file('templates', 'agencies', 'Duo', 'agency.json'), JSON.stringify(definition))
  const made = await bench.ok(['create', 'Duo'])
  const a = bench.file('sandbox', 'worktrees', 'Duo', 'a')

  expect(await readlink(join(a, 'node_modules'))).toBe(join(repository, 'node_modules'))
  expect(await readFile(join(a, 'node_modules', 'dependency.js'), 'utf8')).toBe('shared')
  expect(await git(a, 'status', '--porcelain')).toBe('?? token.txt')
  expect((await lstat(join(a, 'tracked'))).isDirectory()).toBe(true)
  expect(existsSync(join(a, '.venv')) || existsSync(join(a, 'loose'))).toBe(false)
  expect((await readFile(join(a, 'token.txt'), 'utf8')).trim()).toBe('')
  const notes = made.notes.join('\n')
  expect(notes).toContain('Duo/a: tracked is tracked by git, so it is not shared')
  expect(notes).toContain(`Duo/a: loose is not git-ignored in ${repository}`)
  expect(notes).toContain('Duo/b: the setup of its worktree failed')
  expect(notes).toContain('ended with 1')
  const ran = async () => (await bench.text('setups.txt')).trim().split('\n').length
  expect(await ran()).toBe(3)
  expect(await bench.text('agencies', 'Duo', 'logs', 'setup-a.log')).toBe('begun\n')
  expect(JSON.stringify((await bench.ok(['doctor'])).findings)).toContain("the setup of Duo/b's worktree failed")
  expect((await bench.ok(['log', '--type', 'error'])).units[0]).toMatchObject({ subject: 'Duo/b' })
  // Not again at a further start, but where it is new.
  await bench.ok(['restart', 'Duo/a'])
  expect(await ran()).toBe(3)
  await edit(bench, 'Duo', ({ agents }) => void agents.push({ name: 'late' }))
  await bench.whenAgent('Duo/late', 'ready')
  expect(await ran()).toBe(4)
  // A removal follows no link.
  for (const agent of ['a', 'b', 'late', 'lead'])
    await rm(bench.file('sandbox', 'worktrees', 'Duo', agent, 'token.txt'))
  await bench.ok(['remove', 'Duo'])
  expect(await readFile(join(repository, 'node_modules', 'dependency.js'), 'utf8')).toBe('shared')
}, 120_000)

it('R-AGY-6 a setup that does not end is ended with everything it started, and told of', async () => {
  const { bench: opened } = await withProject()
  await using bench = opened
  await mkdir(bench.file('templates', 'agencies', 'Slow'), { recursive: true })
  const worktrees = { setup: 'sleep 1000 & echo $! > child.pid; wait', setupTimeout: 1 }
  const definition = { name: 'Slow', coordinator: { name: 'lead' }, worktrees }
  await writeFile(bench.file('templates', 'agencies', 'Slow', 'agency.json'), JSON.stringify(definition))
  const made = await bench.ok(['create', 'Slow'])
  expect(made.notes[0]).toContain('not done within 1 s')
  const pid = Number(await bench.text('sandbox', 'worktrees', 'Slow', 'lead', 'child.pid'))
  const isGone = () => {
    try {
      process.kill(pid, 0)
      return false
    } catch {
      return true
    }
  }
  expect(await until(isGone, { timeoutMs: 3000 })).toBe(true)
})

it('R-AGY-6 submodules are told of, or checked out; a remove loses no commit of theirs', async () => {
  const env = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.file.allow', GIT_CONFIG_VALUE_0: 'always' }
  await using bench = await Workbench.open({ settings: 'repo: project', env })
  const repository = await gitProject(bench.file('project'))
  const library = await gitProject(bench.file('library'))
  await git(repository, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'lib')
  await commit(repository, 'A submodule')
  await bench.ok(['create', 'Told', '--agents', 'a']).then(made => {
    expect(made.notes.join('\n')).toContain('Told/a: its submodules are empty folders')
  })
  await bench.ok(['remove', 'Told'])
  expect(await worktrees(repository)).toEqual([])

  await mkdir(bench.file('templates', 'agencies', 'Whole'), { recursive: true })
  const definition = { name: 'Whole', coordinator: { name: 'lead' }, worktrees: { submodules: true } }
  await writeFile(bench.file('templates', 'agencies', 'Whole', 'agency.json'), JSON.stringify(definition))
  expect((await bench.ok(['create', 'Whole'])).notes).toEqual([])
  const lib = bench.file('sandbox', 'worktrees', 'Whole', 'lead', 'lib')
  expect(await readFile(join(lib, 'README.md'), 'utf8')).toBe('# Project\n')
  await writeFile(join(lib, 'new.txt'), 'x')
  await commit(lib, 'Only here')
  const lead = bench.file('sandbox', 'worktrees', 'Whole', 'lead')
  await commit(lead, 'Take it')
  await git(repository, 'merge', '--quiet', '--no-edit', 'agency/Whole/lead')
  const refused = await bench.run(['remove', 'Whole'])
  expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('that its remote does not have')])
  await git(lib, 'push', '--quiet', 'origin', 'HEAD:refs/heads/kept')
  await bench.ok(['remove', 'Whole'])
  expect(await worktrees(repository)).toEqual([])
})

it('R-AGY-6 agency git clean removes what agents that are gone have left, and nothing that is dirty, unmerged, detached or of others', async () => {
  const { bench: opened, repository } = await withProject()
  await using bench = opened
  await createTeam(bench, 'Duo', { agents: ['stays', 'clean', 'dirty', 'ahead', 'detached', 'gone'] })
  const folder = (agent: string) => bench.file('sandbox', 'worktrees', 'Duo', agent)
  await writeFile(join(folder('dirty'), 'draft.txt'), 'x')
  await writeFile(join(folder('ahead'), 'done.txt'), 'x')
  await commit(folder('ahead'), 'Unmerged')
  await git(folder('detached'), 'switch', '--quiet', '--detach')
  await rm(folder('gone'), { recursive: true })
  const other = bench.file('other', 'x')
  await git(repository, 'worktree', 'add', '--quiet', '-b', 'agency/Other/x', other)
  await edit(bench, 'Duo', definition => {
    definition.agents = definition.agents.filter(({ name }) => name === 'stays')
  })
  const areGone = async () => (await bench.ok(['status'])).agencies[0].agents.length === 2
  expect(await until(areGone, { timeoutMs: 15_000, everyMs: 100 })).toBe(true)

  const names = (list: { agent: string }[]) => list.map(({ agent }) => agent)
  const planned = await bench.ok(['git', 'clean', '--dry-run'])
  expect(names(planned.removed)).toEqual(['Duo/clean', 'Duo/gone'])
  expect(await worktrees(repository)).toHaveLength(8)
  const done = await bench.ok(['git', 'clean'])
  expect(names(done.removed)).toEqual(['Duo/clean', 'Duo/gone'])
  expect(Object.fromEntries(done.left.map((one: { agent: string; why: string }) => [one.agent, one.why]))).toEqual({
    'Duo/ahead': 'branch agency/Duo/ahead has 1 commit that no other branch holds',
    'Duo/detached': expect.stringContaining('HEAD is detached at'),
    'Duo/dirty': expect.stringContaining('has 1 uncommitted change'),
    'Other/x': `it is checked out in ${other}`,
  })
  expect(existsSync(folder('clean'))).toBe(false)
  expect(await readFile(join(folder('dirty'), 'draft.txt'), 'utf8')).toBe('x')
  expect(await agentBranches(repository)).toEqual(
    ['ahead', 'detached', 'dirty', 'lead', 'stays'].map(name => `agency/Duo/${name}`).concat('agency/Other/x'),
  )
  await git(repository, 'merge', '--quiet', '--no-edit', 'agency/Duo/ahead')
  await bench.ok(['stop', 'Duo'])
  expect(names((await bench.ok(['git', 'clean'])).removed)).toEqual(['Duo/ahead'])
})

it('R-AGY-6 work that lies uncommitted too long is reminded of once in each period, and a stopped agent is left alone', async () => {
  const { bench: opened } = await withProject('worktrees: { remindAfter: 0.04 }')
  await using bench = opened
  await createTeam(bench, 'Duo', { agents: ['a', 'b', 'idle'] })
  await bench.ok(['stop', 'Duo/idle'])
  for (const agent of ['a', 'idle'])
    await writeFile(bench.file('sandbox', 'worktrees', 'Duo', agent, 'draft.txt'), 'not committed')
  const begun = Date.now()
  const reminded = async () => (await got(bench, 'Duo/a')).filter(({ from }) => from === 'system')
  expect(await until(async () => (await reminded()).length === 2, { timeoutMs: 20_000, everyMs: 100 })).toBe(true)
  // Not before its time, and not more often.
  expect(Date.now() - begun).toBeGreaterThan(4_700)
  const [first] = await reminded()
  expect(first).toMatchObject({ type: 'NOTE', to: 'Duo/a' })
  expect(first.body).toBe('uncommitted work for 1 min: 1 file. Commit it on your branch agency/Duo/a')
  expect((await got(bench, 'Duo/b')).filter(({ from }) => from === 'system')).toEqual([])
  expect((await bench.ok(['messages', 'Duo/idle'])).messages).toEqual([])
  expect(JSON.stringify((await bench.ok(['doctor'])).findings)).toContain('Duo/a has uncommitted work for')
  await commit(bench.file('sandbox', 'worktrees', 'Duo', 'a'), 'Done')
  const all = (await reminded()).length
  await until(() => Date.now() - begun > 12_000, { timeoutMs: 10_000 })
  expect((await reminded()).length).toBeLessThanOrEqual(all + 1)
})
