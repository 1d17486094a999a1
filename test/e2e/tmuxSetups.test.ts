import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { endServer, Workbench } from './workbench.ts'

const NOW = { timeoutMs: 10_000, everyMs: 50 }

/** A tmux.conf that asks for the opposite of everything an agency needs. */
const HOSTILE = (shell: string) => `
set -g base-index 1
set -g pane-base-index 1
set -g renumber-windows on
set -g remain-on-exit on
set -g automatic-rename on
set -g allow-rename on
set -g automatic-rename-format 'renamed'
set -g destroy-unattached on
set -g detach-on-destroy off
set -g default-shell ${shell}
set -g default-command 'echo default-command; sleep 1000'
set -g prefix C-a
set -g mode-keys vi
set -g history-limit 5
`

async function hostileBench(): Promise<Workbench> {
  const bench = await Workbench.open({ settings: 'tmux:\n  config: my-tmux.conf', env: { AGENCY_TMUX_CONFIG: '' } })
  // A login shell that sets everything anew, and prints more than anybody wants.
  await writeFile(bench.file('odd-shell'), '#!/bin/sh\nexport PATH=/usr/bin:/bin\necho welcome\nexec /bin/sh "$@"\n')
  await chmod(bench.file('odd-shell'), 0o755)
  await writeFile(bench.file('my-tmux.conf'), HOSTILE(bench.file('odd-shell')))
  return bench
}

const windows = async (bench: Workbench) =>
  (await bench.tmux('list-windows', '-t', '=Duo:', '-F', '#{window_index} #{window_name}')).split('\n')

it("R-AGY-1 windows are numbered, named and alive as they should be, whatever the person's tmux.conf says", async () => {
  await using bench = await hostileBench()
  await bench.ok(['create', 'Duo', '--agents', 'a,b'])
  expect(await bench.tmux('show-options', '-gv', 'base-index')).toBe('1')
  const order = ['0 coordinator', '1 a', '2 b', '3 tools', '4 sandbox']
  expect(await windows(bench)).toEqual(order)
  const sent = await bench.ok(['send', 'Duo/a', 'TASK-001: say hello', '--wait', 'confirmed'])
  expect(sent.deliveries[0].state).toBe('confirmed')

  // A closed window comes back in its place, and no dead pane stays behind.
  await bench.tmux('kill-window', '-t', '=Duo:0')
  await until(async () => (await windows(bench)).length === 5, NOW)
  expect(await windows(bench)).toEqual(order)
  const first = (await bench.agent('Duo/b')).pid
  process.kill(first, 'SIGKILL')
  await until(async () => ![first, undefined].includes((await bench.agent('Duo/b')).pid), NOW)
  await bench.whenAgent('Duo/b', 'ready')
  expect(await windows(bench)).toEqual(order)
  expect(await bench.tmux('list-panes', '-s', '-t', '=Duo:', '-F', '#{pane_dead}')).toBe('0\n0\n0\n0\n0')

  // What the person renames or moves is still whose it was.
  await bench.tmux('rename-window', '-t', '=Duo:1', 'mine')
  await bench.tmux('move-window', '-s', '=Duo:1', '-t', '=Duo:9')
  const again = await bench.ok(['send', 'Duo/a', 'TASK-002: still you', '--wait', 'confirmed'])
  expect(again.deliveries[0].state).toBe('confirmed')
  expect((await bench.received('Duo/a')).filter(({ kind }) => kind === 'prompt')).toHaveLength(2)
})

it('R-AGY-1 attach goes to the agency or agent from outside, and from inside tmux switches; own sessions stay as they are', async () => {
  await using bench = await hostileBench()
  await bench.tmux(
    '-f',
    '/dev/null',
    'new-session',
    '-d',
    '-s',
    'mine',
    '-x',
    '90',
    '-y',
    '30',
    '-n',
    'work',
    'exec cat',
  )
  const own = () => bench.tmux('list-panes', '-s', '-t', '=mine:', '-F', '#{pane_id} #{pane_pid} #{window_name}')
  const before = await own()
  await bench.ok(['create', 'Duo', '--agents', 'a,b'])
  const pane = (await bench.agent('Duo/a')).pane

  expect((await bench.run(['attach', 'Duo', '--print'])).stdout).toBe(
    `tmux -L ${bench.socket} attach-session -t '=Duo'`,
  )
  const { command } = await bench.ok(['attach', 'Duo/a'])
  expect(command).toEqual([
    'tmux',
    '-L',
    bench.socket,
    'select-window',
    '-t',
    pane,
    ';',
    'select-pane',
    '-t',
    pane,
    ';',
    'attach-session',
    '-t',
    '=Duo',
  ])
  expect((await bench.run(['attach', 'Duo/nobody'])).code).toBe(3)
  expect((await bench.run(['attach', 'Nobody'])).code).toBe(3)

  // A person who sits in their own session, seen through a second server, types the command there.
  const outer = `${bench.socket}-outer`
  const outside = (...args: string[]) =>
    execa('tmux', ['-L', outer, '-f', '/dev/null', ...args], { env: bench.environment(), extendEnv: false })
  try {
    await outside('new-session', '-d', '-x', '90', '-y', '30', `env -u TMUX tmux -L ${bench.socket} attach -t =mine`)
    const client = () => bench.tmux('list-clients', '-F', '#{?client_control_mode,,#{client_session} #{window_name}}')
    await until(async () => (await client()).includes('mine work'), NOW)
    const script = `#!/bin/sh\nexec ${process.execPath} ${join(packageRoot, 'bin', 'agency.js')} attach Duo/b --workspace ${bench.root}\n`
    await writeFile(bench.file('go'), script)
    await chmod(bench.file('go'), 0o755)
    await bench.tmux('new-window', '-t', '=mine:', '-n', 'go', bench.file('go'))
    await until(async () => (await client()).includes('Duo b'), NOW)
    expect(await client()).toContain('Duo b')
    await until(async () => !(await own()).includes(' go '), NOW)
  } finally {
    await endServer(outer)
  }
  await bench.ok(['down'])
  expect(await bench.tmux('list-sessions', '-F', '#{session_name}')).toBe('mine')
  expect((await own()).split('\n')[0]).toBe(before)
})

it('R-ALL-3 a tmux that is missing or too old is said before anything is made', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['daemon', 'stop']).catch(() => undefined)
  const tools = bench.file('tools')
  await execa('mkdir', ['-p', tools])
  for (const tool of ['git', 'sh', 'env'])
    await execa('ln', ['-s', (await execa('which', [tool])).stdout, join(tools, tool)])
  const missing = await bench.run(['create', 'Duo', '--agents', 'a'], { env: { PATH: tools } })
  expect([missing.code, missing.stderr]).toEqual([8, expect.stringMatching(/tmux is not installed[\s\S]*\ntry {2}/)])
  await bench.ok(['daemon', 'stop'])
  await writeFile(join(tools, 'tmux'), '#!/bin/sh\necho tmux 2.9a\n')
  await chmod(join(tools, 'tmux'), 0o755)
  const old = await bench.run(['create', 'Duo', '--agents', 'a'], { env: { PATH: tools } })
  expect([old.code, old.stderr]).toEqual([8, expect.stringContaining('tmux 2.9a is too old: 3.2 or newer is needed')])
  expect((await bench.ok(['status'])).agencies).toEqual([])
  await bench.ok(['daemon', 'stop'])
})
