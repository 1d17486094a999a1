import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { git, gitProject } from './gitProject.ts'
import { Workbench } from './workbench.ts'

const NOW = { timeoutMs: 10_000, everyMs: 50 }

interface Definition {
  [key: string]: unknown
  agents: Record<string, unknown>[]
}

/** Edits agency.json as an editor does: a new file, renamed over the old one. */
async function edit(bench: Workbench, agency: string, change: (definition: Definition) => unknown): Promise<string> {
  const changed = change(JSON.parse(await bench.text('agencies', agency, 'agency.json')))
  return put(bench, agency, JSON.stringify(changed, null, 2))
}

async function put(bench: Workbench, agency: string, text: string): Promise<string> {
  const file = bench.file('agencies', agency, 'agency.json')
  await writeFile(`${file}~`, text)
  await rename(`${file}~`, file)
  return file
}

async function windows(bench: Workbench): Promise<string> {
  return (await bench.tmux('list-windows', '-t', '=Duo:', '-F', '#{window_index} #{window_name}')).replaceAll(
    '\n',
    ', ',
  )
}

async function whenWindows(bench: Workbench, wanted: string): Promise<void> {
  await until(async () => (await windows(bench)) === wanted, NOW)
  expect(await windows(bench)).toBe(wanted)
}

async function problemOf(bench: Workbench, agency: string): Promise<string | undefined> {
  const { agencies } = await bench.ok(['status'])
  return agencies.find((one: { name: string }) => one.name === agency)?.problem
}

it('R-AGY-2 hand edits of agency.json are applied to the running agency, and to nothing else of it', async () => {
  await using bench = await Workbench.open()
  const repository = await gitProject(bench.file('project'))
  await bench.ok(['create', 'Duo', '--agents', 'a,b', '--repo', repository])
  await bench.whenAgent('Duo/a', 'ready')
  const untouched = (await bench.agent('Duo/a')).pid

  await edit(bench, 'Duo', ({ agents, ...rest }) => ({ ...rest, agents: [agents[0], { name: 'c' }, agents[1]] }))
  await whenWindows(bench, '0 coordinator, 1 a, 2 c, 3 b, 4 tools, 5 sandbox')
  await bench.whenAgent('Duo/c', 'ready')
  expect(await git(bench.file('sandbox', 'worktrees', 'Duo', 'c'), 'rev-parse', '--abbrev-ref', 'HEAD')).toBe(
    'agency/Duo/c',
  )
  expect(await bench.text('agencies', 'Duo', 'agents', 'c.md')).toContain('You are c of Duo')

  await writeFile(bench.file('sandbox', 'worktrees', 'Duo', 'b', 'draft.txt'), 'unfinished')
  await edit(bench, 'Duo', ({ agents, ...rest }) => ({ ...rest, agents: agents.filter(({ name }) => name !== 'b') }))
  await whenWindows(bench, '0 coordinator, 1 a, 2 c, 4 tools, 5 sandbox')
  expect(await bench.agent('Duo/b')).toBeUndefined()
  expect(await bench.text('sandbox', 'worktrees', 'Duo', 'b', 'draft.txt')).toBe('unfinished')
  expect((await bench.run(['send', 'Duo/b', 'TASK-1: x'])).code).toBe(3)

  // Another program, other arguments, another environment: that one agent is started anew.
  const before = (await bench.agent('Duo/c')).pid
  await edit(bench, 'Duo', ({ agents, ...rest }) => ({
    ...rest,
    agents: [agents[0], { name: 'c', env: { COLOUR: 'blue' } }],
  }))
  await until(async () => ![before, undefined].includes((await bench.agent('Duo/c')).pid), NOW)
  expect(await bench.text('registry', 'run', 'Duo', 'c', 'start.sh')).toContain("export COLOUR='blue'")
  await edit(bench, 'Duo', ({ agents, ...rest }) => ({ ...rest, agents: [agents[0], { name: 'c', driver: 'shell' }] }))
  await bench.whenAgent('Duo/c', 'shell')

  // A policy needs no restart: it holds for the next message.
  await edit(bench, 'Duo', rest => ({ ...rest, policies: { peerMessages: 'private' } }))
  const asAgent = { env: { AGENCY_AGENT: 'Duo/a', AGENCY_TOKEN_FILE: bench.file('registry', 'tokens', 'Duo.a') } }
  const copies = async () => (await bench.ok(['send', 'Duo/c', 'QUESTION from a: ?'], asAgent)).deliveries.length
  expect(await until(async () => (await copies()) === 1, NOW)).toBe(true)

  // The role file is read at the next start.
  await writeFile(bench.file('agencies', 'Duo', 'agents', 'a.md'), 'You count sheep.')
  expect((await bench.agent('Duo/a')).pid).toBe(untouched)
  await bench.ok(['restart', 'Duo/a'])
  expect(await bench.text('registry', 'run', 'Duo', 'a', 'brief.md')).toContain('You count sheep.')

  // An edit made while no daemon runs counts too, and agents that it does not concern live on.
  await bench.whenAgent('Duo/a', 'ready')
  const living = (await bench.agent('Duo/a')).pid
  await bench.ok(['daemon', 'stop'])
  await edit(bench, 'Duo', ({ agents, ...rest }) => ({
    ...rest,
    agents: [agents[0], { name: 'c', driver: 'rehearsal' }],
  }))
  await bench.whenAgent('Duo/c', 'ready')
  expect((await bench.agent('Duo/a')).pid).toBe(living)

  // An agency laid out by hand is there, and stopped until somebody starts it.
  await mkdir(bench.file('agencies', 'Hand'))
  await writeFile(bench.file('agencies', 'Hand', 'agency.json'), '{"name":"Hand","coordinator":{"name":"boss"}}')
  const found = async () => (await bench.ok(['status'])).agencies.find(({ name }: { name: string }) => name === 'Hand')
  await until(async () => (await found()) !== undefined, NOW)
  expect(await found()).toMatchObject({ state: 'stopped', coordinator: 'Hand/boss' })
})

it('R-AGY-2 a bad edit is reported with file, line, column and path, changes nothing that runs, and is mended by mending it', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['create', 'Duo', '--agents', 'a,b'])
  await bench.whenAgent('Duo/a', 'ready')
  const whole = await bench.text('agencies', 'Duo', 'agency.json')
  const pids = async () => (await bench.ok(['status'])).agencies[0].agents.map(({ pid }: { pid: number }) => pid)
  const running = await pids()
  await writeFile(bench.file('program'), 'not executable')
  await chmod(bench.file('program'), 0o600)

  const lines = (...rows: readonly string[]) =>
    ['{', '  "name": "Duo",', '  "coordinator": { "name": "lead" },', ...rows, '}'].join('\n')
  const bad: readonly [text: string, place: string, what: string][] = [
    [lines('  "agents": [{ "name": "a" }'), ':5:', 'end with a ]'],
    [lines('  "agents": "a, b"'), ':4:13 at agents', 'expected array'],
    [
      lines('  "agents": [', '    { "name": "a" },', '    { "name": "A" }', '  ]'),
      ':6:15 at agents.1.name',
      'two agents are called A',
    ],
    [lines('  "agents": [{ "name": "a", "drivr": "x" }]'), ':4:14 at agents.0', 'drivr'],
    [whole.replace('"Duo"', '"Other"'), ':2:11 at name', 'it says Other, but its folder is Duo'],
    [
      lines('  "agents": [', '    { "name": "a", "driver": "nonesuch" }', '  ]'),
      ':5:30 at agents.0.driver',
      'there is no driver "nonesuch"',
    ],
    [
      lines('  "agents": [', `    { "name": "a", "driver": "script", "command": ["${bench.file('program')}"] }`, '  ]'),
      ':5:51 at agents.0.command',
      'not executable',
    ],
    [lines('  "repo": "/elsewhere"'), ':4:11 at repo', 'cannot be changed'],
    [lines('  "agents": [{ "name": "../up" }]'), ':4:24 at agents.0.name', 'may have letters'],
  ]
  let last = ''
  for (const [text, place, what] of bad) {
    const file = await put(bench, 'Duo', text)
    await until(async () => ![undefined, last].includes(await problemOf(bench, 'Duo')), NOW)
    last = (await problemOf(bench, 'Duo'))!
    expect(last).toContain(`${file}${place}`)
    expect(last).toContain(what)
    expect(await pids()).toEqual(running)
  }
  const doctor = await bench.run(['doctor', '--json'])
  expect(doctor.code).toBe(8)
  expect(doctor.json.findings).toContainEqual(
    expect.objectContaining({ level: 'bad', what: expect.stringContaining(last) }),
  )
  expect((await bench.run(['status'])).stdout).toContain(last)

  await rm(bench.file('agencies', 'Duo', 'agency.json'))
  await until(async () => (await problemOf(bench, 'Duo'))?.endsWith('is gone'), NOW)
  expect(await problemOf(bench, 'Duo')).toContain('agency.json is gone')

  // With a bad file even a new daemon leaves the agents as they are.
  await writeFile(bench.file('agencies', 'Duo', 'agency.json'), bad[1]![0])
  await bench.ok(['daemon', 'restart'])
  expect(await problemOf(bench, 'Duo')).toContain('expected array')
  expect(await pids()).toEqual(running)

  await writeFile(bench.file('agencies', 'Duo', 'agency.json'), whole)
  await until(async () => (await problemOf(bench, 'Duo')) === undefined, NOW)
  expect(await problemOf(bench, 'Duo')).toBeUndefined()
  expect([...(await pids())].sort()).toEqual([...running].sort())
  const sent = await bench.ok(['send', 'Duo/a', 'TASK-1: still there', '--wait', 'confirmed'])
  expect(sent.deliveries[0].state).toBe('confirmed')
})
