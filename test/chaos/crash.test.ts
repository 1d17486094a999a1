import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CrashPoint } from '../../src/bus/ledger.ts'
import { until } from '../../src/kernel/abort.ts'
import { isRunning } from '../../src/kernel/process.ts'
import { Workbench } from '../e2e/workbench.ts'
import { complaints } from './arrivals.ts'

const BOTH: readonly CrashPoint[] = [
  'accept:before-write',
  'accept:after-write',
  'claim:after-write',
  'begin:after-write',
  'hand:after-write',
  'confirm:before-write',
  'confirm:after-write',
]
const POINTS: Readonly<Record<string, readonly CrashPoint[]>> = {
  'Duo/typed': [...BOTH, 'paste:after', 'enter:after'],
  'Duo/piped': [...BOTH, 'line:after'],
}

/** Writes down every line before it answers it. */
const SCRIPT = `#!/usr/bin/env node
const { appendFileSync } = require('node:fs')
require('node:readline').createInterface({ input: process.stdin }).on('line', line => {
  appendFileSync(process.env.AGENCY_RUN + '/lines.jsonl', line + '\\n')
  process.stdout.write(JSON.stringify({ confirm: JSON.parse(line).id }) + '\\n')
})
`

let bench: Workbench
const sent: Record<string, { id: string; body: string }[]> = { 'Duo/typed': [], 'Duo/piped': [] }

/** The lines of a script agent in the form of a rehearsal agent's log. */
async function received(address: string): Promise<{ kind: string; text: string }[]> {
  if (address === 'Duo/typed') return bench.received(address)
  const text = await readFile(bench.file('registry', 'run', address, 'lines.jsonl'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const { id, from, to, type, redelivery, body } = JSON.parse(line)
      const mark = redelivery ? ' · redelivery 2' : ''
      return { kind: 'prompt', text: `[${from} → ${to} · ${type} · ${id.slice(-8)}${mark}] ${body}` }
    })
}

beforeAll(async () => {
  bench = await Workbench.open()
  const folder = bench.file('templates', 'agencies', 'Duo')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'reader'), SCRIPT)
  await chmod(join(folder, 'reader'), 0o755)
  const agents = [{ name: 'typed' }, { name: 'piped', driver: 'script', command: ['./reader'] }]
  await writeFile(join(folder, 'agency.json'), JSON.stringify({ name: 'Duo', coordinator: { name: 'lead' }, agents }))
  await bench.ok(['create', 'Duo'])
  await bench.whenAgent('Duo/typed', 'ready')
}, 60_000)

afterAll(() => bench?.[Symbol.asyncDispose]())

describe('R-BUS-4 kill -9 of the daemon at every named point: neither lost, nor twice without a mark', () => {
  for (const [address, points] of Object.entries(POINTS))
    for (const point of points)
      it(`${address} at ${point}`, async () => {
        process.kill(await bench.daemonPid(), 'SIGKILL')
        const armed = await bench.ok(['daemon', 'start'], { env: { AGENCY_CRASH_AT: point } })
        const body = `crash at ${point}`
        const ran = await bench.run(['send', address, body, '--json'])
        expect(ran.code).toBe(0)
        sent[address]!.push({ id: ran.json.id, body })
        const isDead = await until(() => !isRunning(armed.pid), { timeoutMs: 10_000, everyMs: 20 })
        expect(isDead, `the daemon has reached ${point}`).toBe(true)
        await bench.ok(['daemon', 'start'])
        await until(async () => complaints(await received(address), sent[address]!).length === 0, {
          timeoutMs: 20_000,
          everyMs: 50,
        })
        const trace = await bench.whenDelivery(ran.json.id, address, 'confirmed')
        expect(trace.deliveries).toHaveLength(1)
        expect(complaints(await received(address), sent[address]!)).toEqual([])
      }, 45_000)
})
