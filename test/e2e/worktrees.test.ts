import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { agentBranches, commit, git, gitProject, worktrees } from './gitProject.ts'
import { Workbench } from './workbench.ts'

/** Everything that a create makes and that must be gone after one that failed. */
async function leftovers(bench: Workbench, name: string, repository?: string): Promise<Record<string, unknown>> {
  const names = async (...parts: string[]) =>
    (await readdir(bench.file(...parts)).catch(() => [])).filter(entry => entry.includes(name))
  const { agencies } = await bench.ok(['status'])
  return {
    folders: await names('agencies'),
    tokens: await names('registry', 'tokens'),
    runs: await names('registry', 'run'),
    worktrees: await names('sandbox', 'worktrees'),
    branches: repository ? (await agentBranches(repository)).filter(branch => branch.includes(name)) : [],
    linked: repository ? (await worktrees(repository)).filter(folder => folder.includes(`/${name}/`)) : [],
    records: agencies.filter((agency: { name: string }) => agency.name === name),
  }
}

const NOTHING = { folders: [], tokens: [], runs: [], worktrees: [], branches: [], linked: [], records: [] }

it('R-AGY-6 every agent, the coordinator too, works in its own worktree and branch; two agencies share a repository', async () => {
  await using bench = await Workbench.open()
  const repository = await gitProject(bench.file('project'))
  await writeFile(join(repository, 'README.md'), '# Project, being edited\n')
  const first = await bench.run(['create', 'One', '--agents', 'a', '--repo', 'project'])
  expect(first).toMatchObject({ code: 0 })
  expect(first.stdout).toContain('1 uncommitted change')
  // Standing in the repository is as good as naming it.
  const second = await bench.ok(['create', 'Two', '--agents', 'b', '--coordinator', 'boss'], { cwd: repository })
  expect(second).toMatchObject({ repository, uncommitted: 1 })
  expect(await agentBranches(repository)).toEqual([
    'agency/One/a',
    'agency/One/lead',
    'agency/Two/b',
    'agency/Two/boss',
  ])
  for (const agent of ['One/a', 'One/lead', 'Two/b', 'Two/boss']) {
    const folder = bench.file('sandbox', 'worktrees', agent)
    expect(await git(folder, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe(`agency/${agent}`)
    expect(
      await bench.tmux('list-panes', '-s', '-t', `=${agent.split('/')[0]}:`, '-F', '#{pane_current_path}'),
    ).toContain(folder)
    // Worktrees begin at HEAD: what the person has not committed stays theirs.
    expect(await bench.text('sandbox', 'worktrees', agent, 'README.md')).toBe('# Project\n')
  }
})

it('R-AGY-2 R-AGY-6 what is made for the person has their own file modes, and the registry is closed all the same', async () => {
  // Every command and the daemon that the first one starts inherit it.
  const before = process.umask(0o027)
  try {
    await using bench = await Workbench.open()
    const repository = await gitProject(bench.file('project'))
    await bench.ok(['create', 'CodeAgency', '--repo', repository])
    await bench.ok(['create', 'Plain', '--agents', 'a'])
    const definition = JSON.parse(await bench.text('agencies', 'Plain', 'agency.json'))
    definition.agents.push({ name: 'late' })
    await writeFile(bench.file('agencies', 'Plain', 'agency.json'), JSON.stringify(definition))
    await bench.whenAgent('Plain/late', 'ready')
    const modes = {
      'agencies/CodeAgency': 0o750,
      'agencies/CodeAgency/agency.json': 0o640,
      'agencies/CodeAgency/agents/js-agent.md': 0o640,
      'agencies/CodeAgency/scripts': 0o750,
      'agencies/CodeAgency/scripts/lint': 0o750,
      'agencies/CodeAgency/scripts/lib.sh': 0o640,
      'agencies/Plain/coordinator.md': 0o640,
      'agencies/Plain/agents/late.md': 0o640,
      'project/.git/index': 0o640,
      'project/.git/refs/heads/agency/CodeAgency/js-agent': 0o640,
      'sandbox/testing': 0o750,
      'sandbox/worktrees': 0o750,
      'sandbox/worktrees/CodeAgency': 0o750,
      'sandbox/worktrees/CodeAgency/js-agent': 0o750,
      'sandbox/worktrees/CodeAgency/js-agent/README.md': 0o640,
      'sandbox/worktrees/Plain/a': 0o750,
      'sandbox/worktrees/Plain/late': 0o750,
      registry: 0o700,
      'registry/active_agencies.json': 0o600,
    }
    for (const [path, mode] of Object.entries(modes))
      expect([path, ((await stat(bench.file(path))).mode & 0o777).toString(8)]).toEqual([path, mode.toString(8)])
  } finally {
    process.umask(before)
  }
})

it('R-AGY-5 R-AGY-6 remove refuses and lists what is uncommitted or unmerged, deletes none of it, and is clean otherwise', async () => {
  await using bench = await Workbench.open()
  const repository = await gitProject(bench.file('project'))
  await bench.ok(['create', 'Duo', '--agents', 'a,b', '--repo', repository])
  const a = bench.file('sandbox', 'worktrees', 'Duo', 'a')
  const b = bench.file('sandbox', 'worktrees', 'Duo', 'b')
  await writeFile(join(a, 'draft.txt'), 'not committed')
  await writeFile(join(b, 'done.txt'), 'committed')
  await commit(b, 'Work of b')

  const refused = await bench.run(['remove', 'Duo'])
  expect(refused.code).toBe(4)
  expect(refused.stderr).toContain(`${a} has 1 uncommitted change`)
  expect(refused.stderr).toContain('branch agency/Duo/b has 1 commit that no other branch holds')
  expect(refused.stderr).toContain('git merge')
  expect((await bench.agent('Duo/a')).state).not.toBe('stopped')
  expect(await bench.text('sandbox', 'worktrees', 'Duo', 'a', 'draft.txt')).toBe('not committed')

  await rm(join(a, 'draft.txt'))
  await git(repository, 'merge', '--quiet', '--no-edit', 'agency/Duo/b')
  await writeFile(bench.file('agencies', 'Duo', 'context', 'notes.md'), 'kept for later')
  const { kept } = await bench.ok(['remove', 'Duo'])
  expect(await leftovers(bench, 'Duo', repository)).toEqual(NOTHING)
  expect(await readdir(join(kept, 'context'))).toContain('notes.md')
  expect(kept).toContain(bench.file('registry', 'removed'))
  expect(await git(repository, 'show', '--stat', '--oneline', 'HEAD')).toContain('done.txt')

  // The same name again: whole and alive, and its hooks are heard.
  await bench.ok(['create', 'Duo', '--agents', 'a', '--repo', repository])
  const sent = await bench.ok(['send', 'Duo/a', 'TASK-1: hello again', '--wait', 'confirmed'])
  expect(sent.deliveries[0].state).toBe('confirmed')
  const { deliveries } = await bench.ok(['trace', sent.id])
  expect(JSON.stringify(deliveries[0].events)).toContain('hook UserPromptSubmit')
})

it('R-AGY-5 remove lists the files of agents without a repository, and does not lose a worktree that git cannot read', async () => {
  await using bench = await Workbench.open()
  const made = await bench.run(['create', 'Plain', '--agents', 'a'])
  expect(made.stdout).toContain('none: its agents work in plain folders')
  await writeFile(bench.file('sandbox', 'worktrees', 'Plain', 'a', 'report.md'), 'a report')
  const refused = await bench.run(['remove', 'Plain', '--json'])
  expect(refused.code).toBe(4)
  expect(refused.json.error).toMatchObject({ code: 'UNSAVED_WORK', message: expect.stringContaining('holds 1 file') })
  await rm(bench.file('sandbox', 'worktrees', 'Plain', 'a', 'report.md'))
  await bench.ok(['remove', 'Plain'])
  expect(await leftovers(bench, 'Plain')).toEqual(NOTHING)

  // A worktree that git cannot read may hold anything.
  const repository = await gitProject(bench.file('project'))
  await bench.ok(['create', 'Torn', '--agents', 'a', '--repo', repository])
  await rm(join(repository, '.git', 'worktrees'), { recursive: true })
  const unreadable = await bench.run(['remove', 'Torn'])
  expect(unreadable.code).toBe(4)
  expect(unreadable.stderr).toContain('cannot be looked into')
  expect(await bench.text('sandbox', 'worktrees', 'Torn', 'a', 'README.md')).toBe('# Project\n')
})

it('R-AGY-5 an agency whose repository is gone is removed, says so, and what lay in its worktrees is kept', async () => {
  await using bench = await Workbench.open()
  const repository = await gitProject(bench.file('project'))
  await bench.ok(['create', 'Lost', '--agents', 'a,b', '--repo', repository])
  await writeFile(bench.file('sandbox', 'worktrees', 'Lost', 'a', 'draft.txt'), 'not committed')
  await rm(bench.file('sandbox', 'worktrees', 'Lost', 'b'), { recursive: true })
  await rm(repository, { recursive: true })
  const removed = await bench.run(['remove', 'Lost'])
  expect([removed.code, removed.stderr]).toEqual([0, expect.not.stringContaining('error')])
  expect(removed.stdout).toContain(`its repository ${repository} is gone`)
  const kept = /kept in (\S+)/.exec(removed.stdout)![1]!
  expect(await readFile(join(kept, 'worktrees', 'a', 'draft.txt'), 'utf8')).toBe('not committed')
  expect(await readdir(join(kept, 'worktrees'))).toEqual(['a', 'lead'])
  expect(await readdir(kept)).toContain('agency.json')
  expect(await leftovers(bench, 'Lost')).toEqual(NOTHING)
  // Nothing of it is in the way of the next.
  await gitProject(repository)
  await bench.ok(['create', 'Lost', '--agents', 'a', '--repo', repository])
  await bench.whenAgent('Lost/a', 'ready')
})

it('R-AGY-5 create that fails leaves nothing: whatever it fails on, the same create succeeds afterwards', async () => {
  await using bench = await Workbench.open()
  const repository = await gitProject(bench.file('project'))
  const create = ['create', 'Team', '--agents', 'a,b', '--repo', repository]
  const fails = async (code: number, text: string, args: readonly string[] = create) => {
    const ran = await bench.run(args)
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(text)])
    expect(ran.stderr).toMatch(/\ntry {2}/)
    expect(await leftovers(bench, 'Team', repository)).toEqual(NOTHING)
    return ran.stderr
  }

  // A session of that name is the person's own: it stays as it is.
  await bench.tmux('new-session', '-d', '-s', 'Team', '-n', 'mine', 'sleep 1000')
  await fails(4, 'a tmux session Team exists already')
  expect(await bench.tmux('list-windows', '-t', '=Team:', '-F', '#{window_name}')).toBe('mine')
  await bench.tmux('kill-session', '-t', '=Team')

  // The worktree of the second agent cannot be made.
  await mkdir(bench.file('sandbox', 'worktrees', 'Team', 'b'), { recursive: true })
  await writeFile(bench.file('sandbox', 'worktrees', 'Team', 'b', 'precious.txt'), 'in the way')
  const blocked = await bench.run(create)
  expect([blocked.code, blocked.stderr]).toEqual([8, expect.stringContaining('already exists')])
  expect(await bench.text('sandbox', 'worktrees', 'Team', 'b', 'precious.txt')).toBe('in the way')
  await rm(bench.file('sandbox', 'worktrees', 'Team'), { recursive: true })
  expect(await leftovers(bench, 'Team', repository)).toEqual(NOTHING)

  await fails(3, 'there is no driver "nonesuch"', [...create, '--driver', 'nonesuch'])
  await fails(3, 'there is no template Nonesuch', ['create', 'Team', '--template', 'Nonesuch'])
  await fails(2, 'there is no agent c', [...create, '--driver', 'c=rehearsal'])
  await writeFile(bench.file('agency.yaml'), 'driver: rehearsal\n')
  await mkdir(bench.file('templates', 'drivers'), { recursive: true })
  await writeFile(
    bench.file('templates', 'drivers', 'absent.yaml'),
    'title: Absent\ndoors: []\ncommand: [no-such-program-here]\ninstall: get it at example.org\n',
  )
  await fails(8, 'the program no-such-program-here (driver absent) is not installed', [
    ...create,
    '--driver',
    'b=absent',
  ])

  await bench.ok(create)
  await bench.whenAgent('Team/a', 'ready')
  expect(await agentBranches(repository)).toEqual(['agency/Team/a', 'agency/Team/b', 'agency/Team/lead'])
})

it('R-AGY-6 a repository that agents cannot work in is named, with what to do, and nothing is made', async () => {
  await using bench = await Workbench.open()
  const cases: readonly [folder: string, text: string][] = [
    ['missing', 'missing'],
    ['plain', 'is not a git repository'],
    ['bare', 'is a bare repository'],
    ['unborn', 'has no commit yet'],
  ]
  await mkdir(bench.file('plain'))
  await git(bench.root, 'init', '--quiet', '--bare', 'bare')
  await gitProject(bench.file('unborn'), { isEmpty: true })
  for (const [folder, text] of cases) {
    const ran = await bench.run(['create', 'Team', '--agents', 'a', '--repo', folder])
    expect([folder, ran.code, ran.stderr]).toEqual([folder, 8, expect.stringContaining(text)])
    expect(ran.stderr).toMatch(/\ntry {2}/)
  }
  const locked = await gitProject(bench.file('locked'))
  if (process.getuid?.() !== 0) {
    await chmod(join(locked, '.git', 'refs', 'heads'), 0o500)
    expect((await bench.run(['create', 'Team', '--agents', 'a', '--repo', 'locked'])).code).toBe(8)
    await chmod(join(locked, '.git', 'refs', 'heads'), 0o700)
  }
  expect(await leftovers(bench, 'Team', locked)).toEqual(NOTHING)
})
