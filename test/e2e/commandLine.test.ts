import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { VERBS } from '../../src/cli/verbs.ts'
import { until } from '../../src/kernel/abort.ts'
import { openDesk } from './desk.ts'
import { Workbench } from './workbench.ts'

const NOW = { timeoutMs: 10_000, everyMs: 50 }

it('R-ALL-3 every verb has help with an example, and tells a mistake as JSON when asked for JSON', async () => {
  await using bench = await Workbench.open()
  for (const name of Object.keys(VERBS)) {
    const [help, bad] = await Promise.all([bench.run([name, '--help']), bench.run([name, '--nonsense', '--json'])])
    expect([name, help.code, help.stderr]).toEqual([name, 0, ''])
    expect(help.stdout).toContain('Examples:\n  $ ')
    expect(help.stdout).toContain('--json')
    expect([name, bad.code, bad.json.error.code]).toEqual([name, 2, 'USAGE'])
    expect(bad.json.error.hint).toBeTruthy()
  }
  expect((await bench.run(['--help'])).stdout).toContain('agency create CodeAgency')
  const unknown = await bench.run(['creat', 'X'])
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('try    agency create --help')])
  expect((await bench.run(['stauts'])).stderr).toContain('try    agency status --help')
  expect((await bench.run(['send'])).stderr).toContain('try    agency send --help   such as   agency send CodeAgency')
  expect((await bench.run(['help', 'send'])).stdout).toContain('Usage: agency send')
  expect((await bench.run(['help'])).stdout).toContain('agency create CodeAgency')
  const nope = await bench.run(['help', 'nope'])
  expect([nope.code, nope.stderr]).toEqual([2, expect.stringContaining('there is no verb "nope"')])
})

it('R-ALL-3 init refuses a workspace that is there and keeps what stands in .gitignore', async () => {
  await using bench = await Workbench.open()
  const again = await bench.run(['init'])
  expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('this is a workspace already')])
  await mkdir(bench.file('other'))
  await writeFile(bench.file('other', '.gitignore'), 'node_modules\n/sandbox/')
  await bench.ok(['init', 'other'])
  expect(await bench.text('other', '.gitignore')).toBe('node_modules\n/sandbox/\n/registry/\n/agencies/*/logs/\n')
  expect((await stat(bench.file('other', 'registry'))).mode & 0o777).toBe(0o700)
  const blocked = await bench.run(['init', 'agency.yaml/below'])
  expect([blocked.code, blocked.stderr]).toEqual([
    2,
    expect.stringContaining('agency.yaml/below cannot be a workspace'),
  ])

  const outside = await bench.run(['status'], { cwd: '/' })
  expect([outside.code, outside.stderr]).toEqual([3, expect.stringContaining('agency init')])
})

it('R-ALL-3 a workspace whose path is longer than a socket may be works like any other', async () => {
  await using bench = await Workbench.open()
  const root = bench.file(...Array.from({ length: 4 }, () => 'a-folder-with-quite-a-long-name, and blanks'))
  await bench.ok(['init', root, '--driver', 'rehearsal'])
  try {
    await bench.ok(['create', 'Far', '--agents', 'a'], { cwd: root })
    const sent = await bench.ok(['send', 'Far/a', 'TASK-1: hello', '--wait', 'confirmed'], { cwd: root })
    expect(sent.deliveries[0].state).toBe('confirmed')
    // The same name in another workspace on the same server is taken, and says so.
    const second = await bench.run(['create', 'Far', '--agents', 'a'])
    expect([second.code, second.stderr]).toEqual([4, expect.stringContaining('a tmux session Far exists already')])
  } finally {
    await bench.ok(['down'], { cwd: root })
  }
})

it('R-ALL-3 config shows and changes settings, keeps comments, and refuses what the schema refuses with file and line', async () => {
  await using bench = await Workbench.open()
  const file = bench.file('agency.yaml')
  await writeFile(file, '# mine\ndriver: rehearsal # the cheap one\n\n# patience\ndelivery:\n  maxAttempts: 3 # few\n')
  // A workspace that was cloned has no registry yet.
  await rm(bench.file('registry'), { recursive: true })
  expect(await bench.ok(['config', 'delivery.maxAttempts'])).toEqual({ 'delivery.maxAttempts': 3 })
  await bench.ok(['config', 'delivery.maxAttempts', '7'])
  await bench.ok(['config', 'groups', '{builders: [CodeAgency]}'])
  const text = await readFile(file, 'utf8')
  for (const kept of ['# mine\n', '# the cheap one', '# patience\n', 'maxAttempts: 7 # few'])
    expect(text).toContain(kept)
  expect((await bench.ok(['config'])).groups).toEqual({ builders: ['CodeAgency'] })
  const shown = (await bench.run(['config'])).stdout
  expect(shown).toMatch(/^delivery\.maxAttempts +7 +hand-overs before a delivery is dead$/m)
  expect(shown).toMatch(/^delivery\.ttl +- +seconds/m)

  expect((await bench.run(['config', 'constructor'])).code).toBe(3)
  const bad = await bench.run(['config', 'delivery.maxAttempts', 'many'])
  expect([bad.code, bad.stderr]).toEqual([
    2,
    expect.stringContaining('delivery.maxAttempts cannot be "many", and nothing is changed'),
  ])
  expect((await bench.run(['config', 'no.such', '1'])).code).toBe(2)
  expect((await bench.run(['config', 'no.such'])).code).toBe(3)
  expect(await readFile(file, 'utf8')).toBe(text)

  await writeFile(file, 'driver: rehearsal\ntmux:\n  socket: "a/b"\n')
  const broken = await bench.run(['status'])
  expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining(`${file}:3:11 at tmux.socket`)])
  for (const [form, code] of [
    ['- a list', 'BAD_DEFINITION'],
    ['driver: *nowhere', 'BAD_DEFINITION'],
    ['driver: [', 'BAD_DEFINITION'],
  ]) {
    await writeFile(file, form!)
    for (const args of [['config', 'driver', 'shell'], ['status']])
      expect([form, (await bench.run([...args, '--json'])).json.error]).toMatchObject([form, { code }])
    expect(await readFile(file, 'utf8')).toBe(form)
  }
  await writeFile(file, '')
  expect((await bench.ok(['config', 'driver', 'shell'])).driver).toBe('shell')
  expect((await bench.ok(['config'])).driver).toBe('shell')
})

it('R-ALL-3 the completion scripts are what their shells understand, and name every verb', async () => {
  await using bench = await Workbench.open()
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = await bench.run(['completion', shell])
    for (const name of ['create', 'send', 'trace', 'doctor']) expect(stdout).toContain(name)
    const check = await execa(shell, ['-n'], { input: stdout, reject: false })
    if (check.code !== 'ENOENT') expect([shell, check.exitCode, check.stderr]).toEqual([shell, 0, ''])
  }
  const { stdout } = await bench.run(['completion', 'bash'])
  const completed = await execa('bash', [
    '-c',
    `${stdout}\nCOMP_WORDS=(agency cre); COMP_CWORD=1; _agency; echo "\${COMPREPLY[@]}"`,
  ])
  expect(completed.stdout).toBe('create')
  expect((await bench.run(['completion', 'tcsh'])).code).toBe(2)

  // A person at bash, who presses Tab: actions, and names from the views, with no daemon.
  await bench.ok(['create', 'Duo', '--agents', 'a', '--driver', 'shell'])
  await bench.ok(['task', 'add', 'A thing', '--to', 'Duo/a'])
  const hasViews = async () => (await bench.text('registry', 'task_graph.json')).includes('"TASK-001"')
  expect(await until(hasViews, NOW)).toBe(true)
  await bench.ok(['down'])
  await writeFile(bench.file('agency.bash'), stdout)
  await using desk = openDesk(bench)
  await desk.open('bash --norc --noprofile -i')
  await desk.press('source agency.bash', 'Enter', 'agency task sh', 'Tab', 'Tab')
  await desk.sees(/agency task show TASK-001/)
  await desk.press('C-u', 'agency send Duo/l', 'Tab')
  await desk.sees(/agency send Duo\/lead/)
  expect((await bench.run(['daemon'])).code).not.toBe(0)
})

it('R-BUS-7 hook tells the daemon at once, waits in the spool while there is none, and never breaks the program', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['create', 'Duo', '--agents', 'a,s', '--driver', 'rehearsal,s=shell'])
  await bench.whenAgent('Duo/a', 'ready')
  const env = {
    AGENCY_WORKSPACE: bench.root,
    AGENCY_AGENT: 'Duo/a',
    AGENCY_TOKEN_FILE: bench.file('registry', 'tokens', 'Duo.a'),
    AGENCY_EVENTS: bench.file('registry', 'run', 'Duo', 'a', 'events'),
  }
  const hook = async (event: string, input = '{}', more: Record<string, string> = {}) => {
    const ran = await bench.run(['hook', event], { input, env: { ...env, ...more } })
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([0, '', ''])
  }
  await hook('PermissionRequest', '{"question":"rm -rf build"}')
  expect(await bench.agent('Duo/a')).toMatchObject({ state: 'waiting', evidence: 'rm -rf build' })
  await hook('Stop')
  expect((await bench.agent('Duo/a')).state).toBe('ready')
  await hook('Nonsense', 'not json')
  await hook('../../escape')
  await hook('Stop', '{}', { AGENCY_TOKEN_FILE: '/nowhere', AGENCY_EVENTS: '/nowhere' })
  await hook('Stop', '{}', { AGENCY_WORKSPACE: '/nowhere', AGENCY_EVENTS: '' })

  await bench.ok(['daemon', 'stop'])
  await hook('PermissionRequest', '{"question":"asked in the dark"}')
  expect((await readdir(env.AGENCY_EVENTS)).filter(name => name.endsWith('.json'))).toHaveLength(1)
  await bench.ok(['daemon', 'start'])
  await until(async () => (await bench.agent('Duo/a')).state === 'waiting', NOW)
  expect(await bench.agent('Duo/a')).toMatchObject({ state: 'waiting', evidence: 'asked in the dark' })
  expect(await readdir(env.AGENCY_EVENTS)).toEqual([])
  await bench.run(['hook', 'Stop'], { input: '{}', env })

  // A shell is never typed into: what is for it waits, and can be read.
  const held = await bench.ok(['send', 'Duo/s', 'TASK-1: rm -rf /'])
  const trace = await bench.whenDelivery(held.id, 'Duo/s', 'held')
  expect(trace.deliveries[0].reason).toContain('no composer')
  expect(await bench.tmux('capture-pane', '-p', '-t', (await bench.agent('Duo/s')).pane)).not.toContain('rm -rf')
  const shown = await bench.ok(['explain', 'Duo/s'])
  expect(shown.driver.doors).toEqual([])
})
