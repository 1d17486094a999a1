/**
 * A storm: senders that never give up, and everything that can befall a workspace, for so many seconds and by a seed. Then the weather
 * clears, the queues run empty, and what the receivers wrote down is held against what was accepted and what is said of it.
 */
import { sleep, until } from '../../src/kernel/abort.ts'
import { newId } from '../../src/kernel/ids.ts'
import { createAgency, openClient, writeScript } from '../bench/agents.ts'
import { Workbench } from '../e2e/workbench.ts'
import { DEEDS, type Deed, pick, type Scene } from './deeds.ts'
import { type Accepted, judge, scriptGot, typedGot, type Verdict } from './receivers.ts'

export interface StormReport {
  readonly sent: number
  readonly deeds: Readonly<Record<string, number>>
  /** How many deliveries ended in which state. */
  readonly states: Readonly<Record<string, number>>
  readonly verdict: Verdict
  /** Traces of what nobody could know: told as such, and for the person to decide. */
  readonly unknown: readonly unknown[]
  /** What must not be, a line each. */
  readonly complaints: readonly string[]
}

const TYPED = ['Storm/t0', 'Storm/t1', 'Storm/t2']
const SCRIPTS = ['Storm/s0', 'Storm/s1']
const SETTINGS = `
delivery: { confirmTimeout: 5 }
supervision: { tick: 0.5, backoffBase: 0.2, backoffMax: 1, quarantineDeaths: 100 }
`
const SENDERS = 3
const CALM_MS = 240_000
const OPEN = ['queued', 'held', 'claimed', 'handing', 'handed']

export async function storm(seed: number, seconds: number, tell: (line: string) => void): Promise<StormReport> {
  await using bench = await Workbench.open({ settings: SETTINGS })
  await createAgency(bench, 'Storm', [
    ...TYPED.map(address => ({ name: address.slice(6), driver: 'rehearsal' })),
    ...(await Promise.all(
      SCRIPTS.map(async address => ({ name: address.slice(6), driver: 'script', command: await writeScript(bench) })),
    )),
  ])
  const random = generator(seed)
  const scene: Scene = { bench, random, team: [...TYPED, ...SCRIPTS], isTyped: address => TYPED.includes(address) }
  const sent = new Map<string, Accepted>()
  const deeds: Record<string, number> = {}
  const end = performance.now() + seconds * 1000
  const isOver = () => performance.now() > end
  await Promise.all([
    ...Array.from({ length: SENDERS }, () => send(scene, sent, isOver)),
    mischief(scene, isOver, name => {
      deeds[name] = (deeds[name] ?? 0) + 1
      tell(name)
    }),
  ])
  tell(`calm, after ${sent.size} messages`)
  return { sent: sent.size, deeds, ...(await clear(scene, sent)) }
}

async function mischief(scene: Scene, isOver: () => boolean, tell: (name: string) => void): Promise<void> {
  const many: readonly Deed[] = DEEDS.flatMap(deed => Array.from({ length: deed.weight }, () => deed))
  while (!isOver()) {
    await sleep(scene.random() * 1_200)
    const deed = pick(scene.random, many)
    tell(deed.name)
    await deed.run(scene)
  }
}

/** Sends as a careful program does: with an id of its own, again until it is told yes or that it lies in the outbox. */
async function send(scene: Scene, sent: Map<string, Accepted>, isOver: () => boolean): Promise<void> {
  const { bench, random, team } = scene
  for (let count = 0; !isOver(); count++) {
    const [id, to, body] = [newId(), pick(random, team), bodyOf(random, count)]
    const options = ['--id', id, ...pick(random, [[], [], [], ['--priority', 'high'], ['--queue'], ['--now']])]
    let said = ''
    for (let isAccepted = false; !isAccepted; ) {
      const { code, stdout, stderr } = await bench.run(['send', to, '-', '--type', 'NOTE', ...options], { input: body })
      isAccepted = code === 0 || code === 6
      said = `${stdout} ${stderr}`
      if (!isAccepted) await sleep(200)
    }
    sent.set(id, { to, body, said })
    await sleep(random() * 200)
  }
}

function bodyOf(random: () => number, count: number): string {
  const size = pick(random, [1, 12, 80, 80, 300, 900, 3_000, 40_000])
  const unit = `${count.toString(36)}·é漢🙂 `
  return unit
    .repeat(Math.ceil(size / unit.length))
    .slice(0, size)
    .replace(/[\ud800-\udbff]$/, '_')
}

async function clear(scene: Scene, sent: ReadonlyMap<string, Accepted>) {
  const { bench, team, isTyped } = scene
  await bench.run(['up'], { timeoutMs: 60_000 })
  for (const address of team) await bench.run(['resume', address])
  const isEmpty = await until(async () => (await waiting(bench)) === 0, { timeoutMs: CALM_MS, everyMs: 1_000 })
  const arrivals = await Promise.all(
    team.map(address => (isTyped(address) ? typedGot(bench, address) : scriptGot(bench, address))),
  )
  const verdict = judge(sent, arrivals.flat(), isTyped)
  const states: Record<string, number> = {}
  const complaints: string[] = []
  const unknown: unknown[] = []
  const client = await openClient(bench)
  for (const [id, { to, said }] of sent) {
    const trace = (await client.get(`/v1/messages/${id}`).catch(() => undefined)) as Trace | undefined
    const state = trace?.deliveries.find(delivery => delivery.to === to)?.state ?? 'not known'
    states[state] = (states[state] ?? 0) + 1
    if (state === 'unknown') unknown.push(trace)
    if (!isEmpty && OPEN.includes(state))
      complaints.push(`${id} still waits after ${CALM_MS / 1000} s: ${JSON.stringify(trace)}`)
    const isLost = verdict.lost.includes(id)
    if (isLost && state === 'confirmed') complaints.push(`${id} is confirmed, and never arrived at ${to}`)
    else if (state === 'not known')
      complaints.push(`${id} to ${to} was accepted (${said.trim()}), and nobody knows of it`)
  }
  for (const id of verdict.altered) complaints.push(`${id} arrived otherwise than sent`)
  for (const id of verdict.unmarked) complaints.push(`${id} arrived again, unmarked`)
  if (verdict.foreign > 0) complaints.push(`${verdict.foreign} prompts that nobody sent`)
  return { states, verdict, complaints, unknown }
}

interface Trace {
  readonly deliveries: readonly { readonly to: string; readonly state: string }[]
}

/** Deliveries on their way: what nobody can know is open too, and stays so until the person decides. */
async function waiting(bench: Workbench): Promise<number> {
  const [status, unknown] = await Promise.all([
    bench.run(['status', '--json']),
    bench.run(['messages', '--state', 'unknown', '--limit', '1000', '--json']),
  ])
  const agents: readonly { queued: number }[] = status.json?.agencies?.[0]?.agents ?? [{ queued: 1 }]
  return agents.reduce((sum, { queued }) => sum + queued, 0) - (unknown.json?.messages.length ?? 0)
}

/** Mulberry32: the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
