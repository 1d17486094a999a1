import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { packageRoot, workspaceAt } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { isRunning } from '../../src/kernel/process.ts'
import { Connection } from '../../src/storage/sqlite/connection.ts'
import { createTeam, got } from '../e2e/scriptAgents.ts'
import { Workbench } from '../e2e/workbench.ts'
import { complaints } from './arrivals.ts'

const agency = join(packageRoot, 'bin', 'agency.js')

/** Processes of daemons that serve this workspace. */
async function daemonsOf(root: string): Promise<number[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,args='])
  return stdout
    .split('\n')
    .filter(line => line.includes('daemon.js') && line.trimEnd().endsWith(` ${root}`))
    .map(line => Number.parseInt(line, 10))
}

async function killDaemon(bench: Workbench): Promise<number> {
  const pid = await bench.daemonPid()
  process.kill(pid, 'SIGKILL')
  await until(() => !isRunning(pid), { timeoutMs: 5000 })
  return pid
}

it('R-ALL-3 a hundred first commands at the same moment leave one daemon, and all are answered', async () => {
  await using bench = await Workbench.open()
  await bench.run(['daemon', 'stop'])
  expect(await daemonsOf(bench.root)).toEqual([])
  const ran = await Promise.all(
    Array.from({ length: 100 }, () => bench.run(['daemon', 'start', '--json'], { timeoutMs: 90_000 })),
  )
  expect(ran.filter(({ code }) => code !== 0).map(({ stdout, stderr }) => stdout + stderr)).toEqual([])
  expect(new Set(ran.map(({ json }) => json.pid)).size).toBe(1)
  expect(await daemonsOf(bench.root)).toEqual([ran[0]!.json.pid])
}, 120_000)

it('R-ALL-3 the daemon outlives the terminal that started it, and after kill -9 the next one adopts every agent as it is', async () => {
  await using bench = await Workbench.open()
  await bench.run(['daemon', 'stop'])
  // A pane of a tmux server stands for the terminal: closing it hangs up on everything in it.
  await bench.tmux('new-session', '-d', '-s', 'terminal', '-c', bench.root, process.execPath, agency, 'daemon', 'start')
  const started = await until(async () => (await daemonsOf(bench.root))[0], { timeoutMs: 10_000, everyMs: 50 })
  await bench.ok(['create', 'Duo', '--agents', 'a'])
  await bench.tmux('kill-session', '-t', '=terminal:').catch(() => undefined)
  process.kill(started!, 'SIGHUP')
  await bench.whenAgent('Duo/a', 'ready')
  expect(await bench.daemonPid()).toBe(started)

  const before = await bench.agent('Duo/a')
  await killDaemon(bench)
  const sent = await bench.ok(['send', 'Duo/a', 'after the fall', '--wait', 'confirmed'])
  expect(await bench.daemonPid()).not.toBe(started)
  expect(complaints(await bench.received('Duo/a'), [{ id: sent.id, body: 'after the fall' }])).toEqual([])
  await bench.whenAgent('Duo/a', 'ready')
  expect(await bench.agent('Duo/a')).toMatchObject({ pid: before.pid, pane: before.pane })
  expect((await bench.received('Duo/a')).filter(({ kind }) => kind === 'start')).toHaveLength(1)
})

it('R-ALL-4 a daemon that ends leaves nothing of what it typed outside of its workspace', async () => {
  const memory = await mkdtemp(join(tmpdir(), 'agency-memory-'))
  try {
    await using bench = await Workbench.open({ env: { XDG_RUNTIME_DIR: memory } })
    await bench.ok(['create', 'Duo', '--agents', 'a'])
    expect(await readdir(memory)).toEqual([expect.stringMatching(/^agency-/)])
    await bench.ok(['daemon', 'stop'])
    expect(await readdir(memory)).toEqual([])
    await bench.ok(['send', 'Duo/a', 'typed by the next one', '--wait', 'confirmed'])
    await bench.ok(['down'])
    expect(await readdir(memory)).toEqual([])
  } finally {
    await rm(memory, { recursive: true })
  }
})

it('R-ALL-3 a store of a newer version is refused as it is, and a damaged one with what to do', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['daemon', 'start'])
  await killDaemon(bench)
  const store = workspaceAt(bench.root).storeFile
  const change = (sql: string) => {
    const connection = new Connection(store, {})
    connection.execute(sql)
    connection.execute('pragma wal_checkpoint(truncate)')
    connection.close()
  }
  change(`insert into migrations (id, is_breaking, applied_at) values (9999, 1, 0)`)
  const newer = await bench.run(['status', '--json'])
  expect(newer).toMatchObject({
    code: 4,
    json: {
      error: {
        code: 'NEWER_STORE',
        message: expect.stringContaining('newer version'),
        hint: expect.stringContaining('latest'),
      },
    },
  })
  change(`delete from migrations where id = 9999`)
  expect((await bench.run(['status'])).code).toBe(0)

  await killDaemon(bench)
  const whole = await readFile(store)
  await writeFile(store, Buffer.concat([whole.subarray(0, 100), Buffer.alloc(whole.length - 100, 0x5a)]))
  const damaged = await bench.run(['status', '--json'])
  expect(damaged).toMatchObject({
    code: 8,
    json: { error: { code: 'STORE_DAMAGED', hint: expect.stringContaining('.recover') } },
  })
  expect(await daemonsOf(bench.root)).toEqual([])
  await writeFile(store, whole)
})

it('R-LOG-6 a daemon that loses its store says so and ends; the next command starts one that has everything, once', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a'] })
  await bench.ok(['daemon', 'stop'])
  // The thread that owns the store ends after its commit, and before anybody is told.
  const { pid } = await bench.ok(['daemon', 'start'], { env: { AGENCY_CRASH_AT: 'store:accept#2' } })
  const first = await bench.ok(['send', 'Duo/a', 'one'])
  const second = await bench.ok(['send', 'Duo/a', 'two'])
  expect([first.outbox, second.outbox]).toEqual([undefined, true])
  expect(await until(() => !isRunning(pid), { timeoutMs: 5000 })).toBe(true)
  const fatal = (await bench.text('registry', 'agencyd.log')).split('\n').filter(line => line.includes('"level":60'))
  expect(fatal.map(line => JSON.parse(line))).toMatchObject([
    { pid, msg: 'the daemon ends: its store is lost', err: { code: 'DISK' } },
  ])
  expect((await bench.ok(['status'])).daemon.pid).not.toBe(pid)
  for (const { id } of [first, second]) await bench.whenDelivery(id, 'Duo/a', 'confirmed')
  expect((await got(bench, 'Duo/a')).map(({ body, redelivery }) => [body, redelivery])).toEqual([
    ['one', undefined],
    ['two', undefined],
  ])
})

it('R-ALL-3 a command tells of a daemon of another version', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['daemon', 'start'])
  await bench.ok(['daemon', 'stop'])
  const other = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'agency-version': '99.0.0' })
    response.end(JSON.stringify({ pid: 1, version: '99.0.0', workspace: bench.root, uptimeMs: 1 }))
  })
  await new Promise<void>(resolve => other.listen(workspaceAt(bench.root).socket, resolve))
  const ran = await bench.run(['daemon', 'status'])
  await new Promise(resolve => other.close(resolve))
  expect(ran.stderr).toMatch(/the daemon is version 99\.0\.0, this command is [\d.]+: agency daemon restart/)
})

it('R-ALL-3 a workspace whose socket path would be too long works all the same', async () => {
  await using bench = await Workbench.open()
  const root = bench.file('a'.repeat(60), 'b'.repeat(60))
  await mkdir(root, { recursive: true })
  await bench.ok(['init', root, '--driver', 'rehearsal'])
  const inside = { cwd: root, env: { AGENCY_WORKSPACE: root } }
  await bench.ok(['create', 'Deep', '--agents', 'a'], inside)
  const sent = await bench.ok(['send', 'Deep/a', 'hello', '--wait', 'confirmed'], inside)
  expect(sent.deliveries[0].state).toBe('confirmed')
  expect(workspaceAt(root).socket.startsWith(root)).toBe(false)
  await bench.ok(['down'], inside)
})

it('R-AGY-1 a second workspace with the same agency name on one server is refused, and nothing of it is left', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['create', 'Duo', '--agents', 'a'])
  await bench.whenAgent('Duo/a', 'ready')
  const panes = () => bench.tmux('list-panes', '-s', '-t', '=Duo:', '-F', '#{pane_id} #{pane_pid}')
  const before = await panes()
  await using second = await Workbench.open({ env: { AGENCY_TMUX_SOCKET: bench.socket } })
  const refused = await second.run(['create', 'Duo', '--agents', 'a', '--json'])
  expect(refused).toMatchObject({ code: 4, json: { error: { code: 'CONFLICT' } } })
  expect(await panes()).toBe(before)
  const { agencies } = await second.ok(['status'])
  expect(agencies).toEqual([])
  await expect(second.text('agencies', 'Duo', 'agency.json')).rejects.toThrow('ENOENT')
  await expect(readFile(second.file('registry', 'tokens', 'Duo', 'a'))).rejects.toThrow('ENOENT')
  await second.run(['down'])
  expect(await panes()).toBe(before)
  await bench.ok(['send', 'Duo/a', 'still here', '--wait', 'confirmed'])
})
