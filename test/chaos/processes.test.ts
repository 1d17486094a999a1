import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { isRunning } from '../../src/kernel/process.ts'
import { observeRun, order } from '../../src/supervisor/runFolder.ts'
import { Workbench } from '../e2e/workbench.ts'
import { complaints, promptsOf } from './arrivals.ts'

let bench: Workbench

beforeAll(async () => {
  // These tests kill the same agent more often than five times in ten minutes, which would end in quarantine.
  bench = await Workbench.open({ settings: 'supervision: { backoffBase: 0.5, backoffMax: 4, quarantineDeaths: 50 }' })
  await bench.ok(['create', 'Duo', '--agents', 'a,b,c'])
  // Somebody else's session on the same server.
  await bench.tmux('new-session', '-d', '-s', 'theirs', '-n', 'editor', 'cat')
  for (const agent of ['lead', 'a', 'b', 'c']) await bench.whenAgent(`Duo/${agent}`, 'ready')
}, 60_000)

afterAll(() => bench?.[Symbol.asyncDispose]())

const theirs = () =>
  bench.tmux('list-panes', '-s', '-t', '=theirs:', '-F', '#{session_id} #{pane_id} #{pane_pid} #{window_name}')
const windows = async () => (await bench.tmux('list-windows', '-t', '=Duo:', '-F', '#{window_name}')).split('\n')

/** One that has ended keeps its number until its parent has looked after it, which is nobody of ours when its runner is gone. */
async function isGone(pid: number): Promise<void> {
  expect(await until(() => !isRunning(pid), { timeoutMs: 5_000, everyMs: 20 })).toBe(true)
}

/** Waits until the agent runs under another process than before, and is ready. */
async function revived(address: string, pid: number): Promise<{ pane: string; pid: number }> {
  const found = await until(
    async () => {
      const agent = await bench.agent(address)
      return agent.pid !== undefined && agent.pid !== pid && agent.state === 'ready' ? agent : undefined
    },
    { timeoutMs: 20_000, everyMs: 100 },
  )
  expect(found, `${address} runs again`).toBeDefined()
  return found!
}

it('R-AGY-4 kill -9 of a program in the middle of a turn, with messages waiting: it is started again and gets them', async () => {
  const { pid, pane } = await bench.agent('Duo/a')
  const bodies = ['one', 'two', 'three']
  const sent: { id: string; body: string }[] = []
  for (const body of bodies) sent.push({ id: (await bench.ok(['send', 'Duo/a', body])).id, body })
  await bench.whenDelivery(sent[0]!.id, 'Duo/a', 'handing', 'handed', 'confirmed')
  process.kill(pid, 'SIGKILL')
  for (const { id } of sent) await bench.whenDelivery(id, 'Duo/a', 'confirmed')
  expect(complaints(await bench.received('Duo/a'), sent)).toEqual([])
  const now = await revived('Duo/a', pid)
  expect(now.pane).toBe(pane)
})

it('R-AGY-4 kill -9 of a runner: its window is opened again in its place, and the old program is gone', async () => {
  const { pid, pane } = await bench.agent('Duo/a')
  const runner = Number(await bench.tmux('display', '-p', '-t', pane, '#{pane_pid}'))
  process.kill(runner, 'SIGKILL')
  const now = await revived('Duo/a', pid)
  expect(now.pane).not.toBe(pane)
  await isGone(pid)
  expect(await windows()).toEqual(['coordinator', 'a', 'b', 'c', 'tools', 'sandbox'])
})

it('R-AGY-4 kill-pane of an agent: its window is opened again in its place', async () => {
  const { pid, pane } = await bench.agent('Duo/b')
  await bench.tmux('kill-pane', '-t', pane)
  await revived('Duo/b', pid)
  await isGone(pid)
  expect(await windows()).toEqual(['coordinator', 'a', 'b', 'c', 'tools', 'sandbox'])
})

it('R-AGY-4 a renamed or moved window is still the agent’s, and its messages reach it', async () => {
  await bench.tmux('rename-window', '-t', '=Duo:c', 'mine now')
  await bench.tmux('move-window', '-d', '-s', '=Duo:mine now', '-t', '=Duo:42')
  const sent = await bench.ok(['send', 'Duo/c', 'found', '--wait', 'confirmed'])
  expect(complaints(await bench.received('Duo/c'), [{ id: sent.id, body: 'found' }])).toEqual([])
})

it('R-AGY-4 a pane that somebody gave another program is reported and not typed into; up brings the agent back', async () => {
  const { pane, pid } = await bench.agent('Duo/c')
  await bench.tmux('respawn-pane', '-k', '-t', pane, 'cat')
  await bench.whenAgent('Duo/c', 'dead')
  const { id } = await bench.ok(['send', 'Duo/c', 'to whom'])
  await bench.whenDelivery(id, 'Duo/c', 'held')
  const { findings } = (await bench.run(['doctor', '--json'])).json
  expect(findings).toContainEqual(
    expect.objectContaining({
      level: 'bad',
      what: expect.stringContaining('which is not our runner'),
      hint: 'agency up Duo',
    }),
  )
  expect(await bench.tmux('capture-pane', '-p', '-t', pane)).not.toContain('to whom')
  await bench.ok(['up', 'Duo'])
  await revived('Duo/c', pid)
  await bench.whenDelivery(id, 'Duo/c', 'confirmed')
})

it('R-AGY-4 a pane that somebody begins anew gets a new start of its agent, which has what the one before was not given', async () => {
  const { pane, pid } = await bench.agent('Duo/b')
  const instance = async () => (await bench.run(['explain', 'Duo/b', '--json'])).json.agent.instance
  const before = await instance()
  const started = (await bench.received('Duo/b')).filter(({ kind }) => kind === 'start').length
  await bench.tmux('respawn-pane', '-k', '-t', pane)
  const { id } = await bench.ok(['send', 'Duo/b', 'to whoever is there now'])
  const now = await revived('Duo/b', pid)
  expect(now.pane).toBe(pane)
  await isGone(pid)
  expect(await instance()).toBe(before + 1)
  await bench.whenDelivery(id, 'Duo/b', 'confirmed')
  expect(complaints(await bench.received('Duo/b'), [{ id, body: 'to whoever is there now' }])).toEqual([])
  expect((await bench.received('Duo/b')).filter(({ kind }) => kind === 'start')).toHaveLength(started + 1)
})

it('R-AGY-4 a pane that was given another program and then its runner again gets a new start', async () => {
  const { pane, pid } = await bench.agent('Duo/b')
  await bench.tmux('respawn-pane', '-k', '-t', pane, 'cat')
  await bench.whenAgent('Duo/b', 'dead')
  const run = bench.file('registry', 'run', 'Duo', 'b')
  await bench.tmux('respawn-pane', '-k', '-t', pane, 'sh', join(packageRoot, 'bin', 'runner.sh'), run)
  expect((await revived('Duo/b', pid)).pane).toBe(pane)
})

it('R-AGY-4 a start that was ordered, and not recorded before the daemon died, is known to the next one and run once', async () => {
  const before = await bench.agent('Duo/a')
  const { instance } = (await bench.run(['explain', 'Duo/a', '--json'])).json.agent
  process.kill(await bench.daemonPid(), 'SIGKILL')
  // What a daemon writes and orders before it records the start.
  const run = bench.file('registry', 'run', 'Duo', 'a')
  const script = await readFile(join(run, 'start.sh'), 'utf8')
  const next = script
    .replace(`# start ${instance}\n`, `# start ${instance + 1}\n`)
    .replace(` ${instance}" >pid`, ` ${instance + 1}" >pid`)
  await writeFile(join(run, 'start.sh'), next)
  process.kill(before.pid, 'SIGKILL')
  await order(run, `start ${instance + 1}`)
  await until(async () => ((await observeRun(run)).program?.instance ?? 0) > instance, { timeoutMs: 5000 })
  const now = await revived('Duo/a', before.pid)
  const known = await bench.run(['explain', 'Duo/a', '--json'])
  expect(known.json.agent).toMatchObject({ instance: instance + 1, pid: now.pid })
  process.kill(now.pid, 'SIGKILL')
  await revived('Duo/a', now.pid)
})

it('R-AGY-4 an agent that died while no daemon ran is started again by the next one; the others are adopted as they are', async () => {
  const before = await bench.agent('Duo/a')
  const other = await bench.agent('Duo/b')
  process.kill(await bench.daemonPid(), 'SIGKILL')
  process.kill(before.pid, 'SIGKILL')
  const now = await revived('Duo/a', before.pid)
  expect(now.pane).toBe(before.pane)
  expect(await bench.agent('Duo/b')).toMatchObject({ pid: other.pid, pane: other.pane, state: 'ready' })
})

it('R-AGY-4 nothing of this has touched somebody else’s session', async () => {
  const before = await theirs()
  await bench.ok(['restart', 'Duo'])
  await bench.ok(['down'])
  await bench.ok(['up'])
  expect(await theirs()).toBe(before)
})

it('R-AGY-4 loss of the tmux server: status says so at once, and up brings back every agent and every message', async () => {
  for (const agent of ['lead', 'a', 'b', 'c']) await bench.whenAgent(`Duo/${agent}`, 'ready')
  await bench.tmux('kill-server')
  await bench.whenAgent('Duo/a', 'dead')
  const { agencies } = await bench.ok(['status'])
  expect(agencies[0]).toMatchObject({ name: 'Duo', state: 'down' })
  expect(agencies[0].agents[1]).toMatchObject({
    rule: 'tmux server gone',
    evidence: expect.stringContaining('is gone'),
  })
  const before = promptsOf(await bench.received('Duo/b')).length
  const { id } = await bench.ok(['send', 'Duo/b', 'after the flood'])
  await bench.whenDelivery(id, 'Duo/b', 'held')
  // Looking does not start a server: that is for the person to ask.
  await expect(bench.tmux('list-sessions')).rejects.toThrow(/no server running|No such file/)
  await bench.ok(['up'])
  await bench.whenDelivery(id, 'Duo/b', 'confirmed')
  for (const agent of ['lead', 'a', 'b', 'c']) await bench.whenAgent(`Duo/${agent}`, 'ready')
  expect(promptsOf(await bench.received('Duo/b'))).toHaveLength(before + 1)
  expect(await windows()).toEqual(['coordinator', 'a', 'b', 'c', 'tools', 'sandbox'])
})

it('R-AGY-4 an agency that is removed and made again under its name is heard as before', async () => {
  await bench.ok(['remove', 'Duo'])
  await bench.ok(['create', 'Duo', '--agents', 'a'])
  await bench.whenAgent('Duo/a', 'ready')
  const sent = await bench.ok(['send', 'Duo/a', 'again', '--wait', 'confirmed'])
  const { deliveries } = await bench.ok(['trace', sent.id])
  // By its hook and not by its screen, which is looked at only when hooks are silent.
  expect(deliveries[0].events.at(-1).evidence).toBe(`hook UserPromptSubmit carried ${sent.id.slice(-8)}`)
})
