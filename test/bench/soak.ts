/** 10,000 messages of 1 B to 256 KB to 20 agents through mixed doors, judged by what the receivers wrote down. */
import { until } from '../../src/kernel/abort.ts'
import { judge, scriptGot, typedGot } from '../chaos/receivers.ts'
import { Workbench } from '../e2e/workbench.ts'
import { createAgency, openClient, writeScript } from './agents.ts'
import type { Row } from './measure.ts'

const SCRIPTS = 10
const TYPED = 10

export async function soak(total = Number(process.env.AGENCY_SOAK ?? 10_000)): Promise<readonly Row[]> {
  await using bench = await Workbench.open()
  const command = await writeScript(bench)
  const scripts = Array.from({ length: SCRIPTS }, (_, index) => ({ name: `s${index}`, driver: 'script', command }))
  const typed = Array.from({ length: TYPED }, (_, index) => ({ name: `t${index}`, driver: 'rehearsal' }))
  await createAgency(bench, 'Soak', [...scripts, ...typed])
  const client = await openClient(bench)
  const sent = new Map<string, { to: string; body: string }>()
  const began = performance.now()
  const typedShare = Math.floor(total / 10)
  for (let index = 0; index < total; index++) {
    const isTyped = index < typedShare
    const to = `Soak/${isTyped ? `t${index % TYPED}` : `s${index % SCRIPTS}`}`
    const body = bodyOf(index)
    const accepted = (await client.send('POST', '/v1/messages', { to, body, type: 'NOTE' })) as { id: string }
    sent.set(accepted.id, { to, body })
  }
  const acceptedMs = performance.now() - began
  const isDone = await until(async () => Object.keys(await waiting(bench)).length === 0, {
    timeoutMs: 900_000,
    everyMs: 1000,
  })
  const seconds = (performance.now() - began) / 1000
  const got = await Promise.all([
    ...scripts.map(({ name }) => scriptGot(bench, `Soak/${name}`)),
    ...typed.map(({ name }) => typedGot(bench, `Soak/${name}`)),
  ])
  const judged = judge(sent, got.flat(), to => to.startsWith('Soak/t'))
  return [
    {
      what: `${total} messages of 1 B to 256 KB to ${SCRIPTS} script and ${TYPED} typed agents`,
      aim: '0 lost, 0 split, 0 unmarked duplicates',
      measured: `${judged.lost.length} lost, ${judged.altered.length} altered, ${judged.unmarked.length} unmarked duplicates (${judged.marked} marked)${isDone ? '' : ', NOT ALL HANDED OVER'}`,
    },
    {
      what: 'the same, time',
      aim: '',
      measured: `${seconds.toFixed(0)} s; accepted at ${Math.round(total / (acceptedMs / 1000))} a second`,
    },
  ]
}

/** Sizes from 1 byte to 256 KB, most of them small. */
function bodyOf(index: number): string {
  const size = [1, 12, 80, 300, 900, 1_500, 3_000, 12_000, 64_000, 262_144][
    index % 10 === 9 && index % 100 !== 99 ? 8 : index % 100 === 99 ? 9 : index % 8
  ]!
  const unit = `${index.toString(36)}·é漢🙂 `
  return unit
    .repeat(Math.ceil(size / unit.length))
    .slice(0, size)
    .replace(/[\ud800-\udbff]$/, '_')
}

async function waiting(bench: Workbench): Promise<Record<string, number>> {
  const { agencies } = await bench.ok(['status'])
  const busy = agencies[0].agents.filter((agent: { queued: number }) => agent.queued > 0)
  return Object.fromEntries(busy.map((agent: { address: string; queued: number }) => [agent.address, agent.queued]))
}
