/** 10,000 messages of 1 B to 256 KB to 20 agents through mixed doors, judged by what the receivers wrote down. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { until } from '../../src/kernel/abort.ts'
import { sanitise } from '../../src/model/sanitize.ts'
import { Workbench } from '../e2e/workbench.ts'
import { createAgency, openClient, writeScript } from './agents.ts'
import type { Row } from './measure.ts'

const SCRIPTS = 10
const TYPED = 10

interface Got {
  readonly nonce: string
  readonly sha: string
  readonly redelivery: boolean
}

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
  const judged = await judge(bench, sent)
  return [
    {
      what: `${total} messages of 1 B to 256 KB to ${SCRIPTS} script and ${TYPED} typed agents`,
      aim: '0 lost, 0 split, 0 unmarked duplicates',
      measured: `${judged.lost} lost, ${judged.altered} altered, ${judged.unmarked} unmarked duplicates (${judged.marked} marked)${isDone ? '' : ', NOT ALL HANDED OVER'}`,
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

async function judge(bench: Workbench, sent: ReadonlyMap<string, { to: string; body: string }>) {
  const got = new Map<string, Got[]>()
  for (let index = 0; index < SCRIPTS; index++) note(got, await scriptGot(bench, `Soak/s${index}`))
  for (let index = 0; index < TYPED; index++) note(got, await typedGot(bench, `Soak/t${index}`))
  let lost = 0
  let altered = 0
  let unmarked = 0
  let marked = 0
  for (const [id, { to, body }] of sent) {
    const arrivals = got.get(id.slice(-8)) ?? []
    const wanted = to.startsWith('Soak/s') ? sha(body) : undefined
    if (arrivals.length === 0) lost += 1
    if (arrivals.some(arrival => arrival.sha !== (wanted ?? typedSha(body, arrival)))) altered += 1
    unmarked += Math.max(0, arrivals.filter(arrival => !arrival.redelivery).length - 1)
    marked += arrivals.filter(arrival => arrival.redelivery).length
  }
  return { lost, altered, unmarked, marked }
}

function note(all: Map<string, Got[]>, found: readonly Got[]): void {
  for (const arrival of found) all.set(arrival.nonce, [...(all.get(arrival.nonce) ?? []), arrival])
}

async function scriptGot(bench: Workbench, address: string): Promise<Got[]> {
  const text = await readFile(bench.file('registry', 'run', address, 'got.jsonl'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const { id, sha: digest, redelivery } = JSON.parse(line) as { id: string; sha: string; redelivery: boolean }
      return { nonce: id.slice(-8), sha: digest, redelivery }
    })
}

/** A typed body that went by file is judged by the file, one that went in line by the composer's text. */
async function typedGot(bench: Workbench, address: string): Promise<Got[]> {
  const entries = await bench.received(address)
  return entries
    .filter(entry => entry.kind === 'prompt' || entry.kind === 'queued')
    .map(entry => ({
      nonce: entry.nonce,
      sha: entry.fileSha256 ?? sha(String(entry.text).replace(/^\[[^\]]*\] /, '')),
      redelivery: entry.redelivery === true,
    }))
}

function typedSha(body: string, arrival: Got): string {
  return arrival.sha === sha(body) ? arrival.sha : sha(sanitise(body).text.trim())
}

function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
