/** From accepted to confirmed, through each door; and the command line's own cost. */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../../src/config/workspace.ts'
import { Workbench } from '../e2e/workbench.ts'
import { createAgency, writeScript } from './agents.ts'
import { openRaw } from './disk.ts'
import { factor, inTurns, ms, type Row, type Spread, spread, times } from './measure.ts'

const PASTE_WINDOW_MS = 100

export async function latency(): Promise<readonly Row[]> {
  await using bench = await Workbench.open()
  const command = await writeScript(bench)
  await createAgency(bench, 'Lab', [
    { name: 'noter', driver: 'script', command },
    { name: 'typed', driver: 'rehearsal' },
  ])
  await bench.whenAgent('Lab/typed', 'ready')
  const script = await confirmTimes(bench, 'Lab/noter', 200)
  const typed = await confirmTimes(bench, 'Lab/typed', 60)
  const send = async () =>
    void execFileSync(process.execPath, [join(packageRoot, 'bin', 'agency.js'), 'send', 'Lab/noter', 'NOTE hello'], {
      env: bench.environment() as NodeJS.ProcessEnv,
      cwd: bench.root,
    })
  const hook = await hookTimes(bench)
  const [ours, node] = await inTurns(25, send, () => execFileSync(process.execPath, ['-e', '0']))
  return [
    {
      what: 'agency send, whole process, median',
      aim: '≤ 1.5 ×',
      measured: ms(ours.p50),
      yardstick: `node -e 0 ${ms(node.p50)}`,
      ratio: factor(ours.p50 / node.p50),
    },
    {
      what: 'accepted → confirmed, script door, p95',
      aim: '≤ 20 ms',
      measured: `${ms(script.confirmed.p95)} (p50 ${ms(script.confirmed.p50)}, p99 ${ms(script.confirmed.p99)})`,
      yardstick: loneSync(script.disk),
    },
    {
      what: 'accepted → confirmed, typed into a ready rehearsal agent, p95',
      aim: `paste window ${PASTE_WINDOW_MS} ms + 70 ms`,
      measured: `${ms(typed.confirmed.p95)} (p50 ${ms(typed.confirmed.p50)}, p99 ${ms(typed.confirmed.p99)})`,
      yardstick: loneSync(typed.disk),
    },
    {
      what: 'a hook of an agent program: an event into the spool, median',
      aim: '< 30 ms',
      measured: `${ms(hook.told.p50)} (p99 ${ms(hook.told.p99)})`,
    },
    {
      what: 'a hook at the end of a turn: asks the daemon for the next message, median',
      aim: '< 30 ms',
      measured: `${ms(hook.asked.p50)} (p99 ${ms(hook.asked.p99)})`,
    },
  ]
}

/** As a program runs it: a shell with our script, the payload on its standard input. */
async function hookTimes(bench: Workbench) {
  const run = bench.file('registry', 'run', 'Lab', 'typed')
  const token = (await bench.text('registry', 'tokens', 'Lab.typed')).trim()
  const socket = bench.file('registry', 'agencyd.sock')
  const ask = bench.file('ask.curl')
  const lines = [`unix-socket = "${socket}"`, 'url = "http://agency/v1/boundary"', 'silent', 'fail']
  await writeFile(ask, [...lines, `header = "authorization: Bearer ${token}"`, ''].join('\n'), { mode: 0o600 })
  const call = (...words: string[]) =>
    void execFileSync('sh', [join(packageRoot, 'bin', 'hook.sh'), ...words], {
      env: { PATH: process.env.PATH, AGENCY_EVENTS: join(run, 'events'), AGENCY_ASK: ask },
      input: JSON.stringify({ session_id: 'x', prompt: 'hello' }),
    })
  const [told, asked] = await inTurns(
    50,
    () => call('Notification'),
    () => call('Notification', 'ask'),
  )
  return { told, asked }
}

/**
 * One message at a time, each to an agent that is ready; the times are the store's own, in its records. Five commits lie on its way,
 * each after a rest of the disk: what such a sync costs is measured between the messages.
 */
async function confirmTimes(bench: Workbench, to: string, rounds: number) {
  using raw = openRaw(bench.root)
  const confirmed: number[] = []
  const disk: number[] = []
  for (let round = 0; round < rounds; round++) {
    const { id } = await bench.ok(['send', to, `NOTE ${round}: hello`, '--wait', 'confirmed'])
    const { message, deliveries } = await bench.ok(['trace', id])
    const at = deliveries[0].events.find((event: { state: string }) => event.state === 'confirmed').at
    confirmed.push(Date.parse(at) - Date.parse(message.at))
    await bench.whenAgent(to, 'ready')
    disk.push(...(await times(1, raw.sync)))
  }
  return { confirmed: spread(confirmed), disk: spread(disk) }
}

function loneSync({ p50, p95, p99 }: Spread): string {
  return `one lone fdatasync, p95 ${ms(p95)} (p50 ${ms(p50)}, p99 ${ms(p99)}); five on the way`
}
