/** What watching costs: the processor time of the monitor and of the daemon behind it, with fifty idle agents and one message a second. */
import { readFile } from 'node:fs/promises'
import { execa } from 'execa'
import { sleep, until } from '../../src/kernel/abort.ts'
import { endServer, Workbench } from '../e2e/workbench.ts'
import { createAgency, openClient, writeScript } from './agents.ts'
import type { Row } from './measure.ts'

const AGENCIES = 2
const SPECIALISTS = 24
const SECONDS = 30
const TICKS_PER_SECOND = 100
const SIZES = ['100x30', '250x80'] as const

export async function monitor(): Promise<readonly Row[]> {
  await using bench = await Workbench.open()
  const command = await writeScript(bench)
  const agents = Array.from({ length: SPECIALISTS }, (_, index) => ({ name: `a${index}`, driver: 'script', command }))
  for (let index = 0; index < AGENCIES; index++) await createAgency(bench, `Team${index}`, agents)
  const daemon = await bench.daemonPid()
  const alone = await share(bench, [daemon])
  const rows: Row[] = []
  for (const size of SIZES) {
    const screen = await openScreen(bench, size)
    try {
      const [withScreen, own] = await share(bench, [daemon, screen.pid])
      rows.push({
        what: `agency monitor at ${size}, 50 idle agents, a message a second: its own share of a core`,
        aim: '< 2 %',
        measured: percent(own!),
        yardstick: `the daemon ${percent(withScreen!)}, and ${percent(alone[0]!)} when nobody watches`,
      })
    } finally {
      await screen.close()
    }
  }
  return rows
}

/** Of each process over the time, while a message is sent every second. */
async function share(bench: Workbench, pids: readonly number[]): Promise<number[]> {
  const client = await openClient(bench)
  const before = await Promise.all(pids.map(ticks))
  const began = performance.now()
  for (let second = 0; second < SECONDS; second++) {
    await client.send('POST', '/v1/messages', {
      to: `Team${second % AGENCIES}/a${second % SPECIALISTS}`,
      body: 'STATUS: tick',
    })
    await sleep(began + (second + 1) * 1_000 - performance.now())
  }
  const after = await Promise.all(pids.map(ticks))
  const elapsed = (performance.now() - began) / 1_000
  return after.map((now, index) => (now - before[index]!) / TICKS_PER_SECOND / elapsed)
}

/** Processor time in user and system mode, of all its threads. */
async function ticks(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  return Number(fields[11]) + Number(fields[12])
}

async function openScreen(bench: Workbench, size: string): Promise<{ pid: number; close: () => Promise<void> }> {
  const socket = `${bench.socket}-desk`
  const [columns, rows] = size.split('x')
  const tmux = async (...args: string[]) =>
    (await execa('tmux', ['-L', socket, '-f', '/dev/null', ...args], { env: bench.environment(), extendEnv: false }))
      .stdout
  const bin = new URL('../../bin/agency.js', import.meta.url).pathname
  const start = `exec '${process.execPath}' '${bin}' --workspace '${bench.root}' monitor`
  await tmux('new-session', '-d', '-s', 'desk', '-x', columns!, '-y', rows!, start)
  const isLive = async () => /● live/.test(await tmux('capture-pane', '-p', '-t', 'desk'))
  if (!(await until(isLive, { timeoutMs: 20_000, everyMs: 100 }))) throw new Error('the monitor did not open')
  const pid = Number(await tmux('display-message', '-p', '-t', 'desk', '#{pane_pid}'))
  return { pid, close: () => endServer(socket) }
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`
}
