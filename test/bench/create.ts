/** agency create, against the same windows on a raw control channel; and what an idle daemon costs. */

import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { sleep } from '../../src/kernel/abort.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { createTmux } from '../../src/terminal/tmux/tmux.ts'
import { Workbench } from '../e2e/workbench.ts'
import { createAgency, openClient, writeScript } from './agents.ts'
import { factor, ms, type Row, spread, times } from './measure.ts'

const ROUNDS = 7
const IDLE_SECONDS = 30

export async function create(): Promise<readonly Row[]> {
  await using bench = await Workbench.open()
  await bench.ok(['daemon', 'start'])
  await bench.ok(['create', 'First', '--agents', 'a', '--driver', 'shell'])
  await using terminal = createTmux({
    socketName: bench.socket,
    keeper: 'bench',
    tmpDir: bench.file('paste'),
    log: silentLog(),
  })
  await terminal.connect()
  const raw = await times(ROUNDS, async round => {
    const windows = Array.from({ length: 7 }, (_, index) => ({
      name: `w${index}`,
      cwd: bench.root,
      argv: ['/bin/sh', '-c', 'exec cat'],
      owner: '',
    }))
    const made = await terminal.createSession({ name: `Raw${round}`, workspace: 'bench', windows })
    await terminal.killSession(made.sessions.find(session => session.name === `Raw${round}`)!.id)
  })
  const ours = await times(ROUNDS, async round => {
    const began = performance.now()
    await request(bench, `Code${round}`)
    return performance.now() - began
  })
  const [a, b] = [spread(ours), spread(raw)]
  return [
    {
      what: 'create CodeAgency (7 windows) until all programs run, inside the daemon',
      aim: '≤ 2 ×',
      measured: ms(a.p50),
      yardstick: `7 windows on a raw channel ${ms(b.p50)}`,
      ratio: factor(a.p50 / b.p50),
    },
  ]
}

/** Over the daemon's socket: the command line's own start is measured elsewhere. */
async function request(bench: Workbench, name: string): Promise<void> {
  const client = await openClient(bench)
  await client.send('POST', '/v1/agencies', { name, template: 'CodeAgency', cwd: bench.root, drivers: ['shell'] })
}

export async function idle(): Promise<readonly Row[]> {
  await using bench = await Workbench.open()
  const command = await writeScript(bench)
  const agents = Array.from({ length: 49 }, (_, index) => ({
    name: `a${index}`,
    driver: index % 2 === 0 ? 'script' : 'rehearsal',
    command,
  }))
  await createAgency(bench, 'Fifty', agents)
  const pid = await bench.daemonPid()
  await sleep(20_000)
  const before = await usage(pid)
  await sleep(IDLE_SECONDS * 1000)
  const after = await usage(pid)
  const share = ((after.ticks - before.ticks) / clockTicks() / IDLE_SECONDS) * 100
  return [
    { what: 'daemon idle with 50 agents, processor', aim: '< 0.5 % of a core', measured: `${share.toFixed(2)} %` },
    { what: 'daemon idle with 50 agents, memory', aim: '≤ 120 MB', measured: `${Math.round(after.rssKb / 1024)} MB` },
    {
      what: 'daemon idle with 50 agents, processes spawned',
      aim: '0',
      measured: String(after.children - before.children),
    },
  ]
}

/** From /proc: processor time used, resident memory, and time of children that have ended (0 when none was spawned). */
async function usage(pid: number): Promise<{ ticks: number; rssKb: number; children: number }> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8'))
    .replace(/^.*\) /, '')
    .split(' ')
    .map(Number)
  const rss = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))
  return { ticks: fields[11]! + fields[12]!, rssKb: Number(rss?.[1] ?? 0), children: fields[13]! + fields[14]! }
}

function clockTicks(): number {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
}
