import { mkdir, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { asksAtTurnEnds, createRehearsal, writeDriver } from './rehearsalTeam.ts'
import { Workbench } from './workbench.ts'

let bench: Workbench

const kinds = async (agent: string) => (await bench.received(`Busy/${agent}`)).map(({ kind }) => kind)
const evidence = async (id: string): Promise<string> => {
  const { deliveries } = await bench.ok(['trace', id])
  return deliveries[0].events.map((event: { evidence?: string }) => event.evidence ?? '').join(' | ')
}

const done = (address: string) => bench.file(`${address}.done`)

beforeAll(async () => {
  bench = await Workbench.open()
  await writeDriver(bench, 'asking', asksAtTurnEnds)
  await writeDriver(bench, 'stubborn', profile => profile.replace('interrupt: [Escape]', 'interrupt: [Left]'))
  await createRehearsal(bench, {
    name: 'Busy',
    agents: {
      waits: {},
      queues: {},
      breaks: {},
      asks: { driver: 'asking' },
      stubborn: { driver: 'stubborn' },
    },
    // A turn ends when the test says so, however busy the machine is.
    rules: [
      {
        when: { body: 'work' },
        do: [{ run: { command: `until [ -e ${done('$AGENCY_AGENT')} ]; do sleep 0.05; done` } }],
      },
    ],
  })
}, 60_000)

afterAll(() => bench?.[Symbol.asyncDispose]())

async function occupy(agent: string): Promise<void> {
  await bench.ok(['send', `Busy/${agent}`, 'work', '--wait', 'confirmed'])
  await bench.whenAgent(`Busy/${agent}`, 'busy')
}

async function finish(agent: string): Promise<void> {
  await mkdir(bench.file('Busy'), { recursive: true })
  await writeFile(done(`Busy/${agent}`), '')
}

it('R-BUS-4 by default a message waits for the end of the turn', async () => {
  await occupy('waits')
  const { id } = await bench.ok(['send', 'Busy/waits', 'when you have time'])
  const held = await bench.whenDelivery(id, 'Busy/waits', 'held')
  expect(held.deliveries[0].reason).toContain('busy')
  await finish('waits')
  await bench.whenDelivery(id, 'Busy/waits', 'confirmed')
  expect(await kinds('waits')).not.toContain('interrupt')
})

it('R-BUS-4 --queue puts it into the program’s own queue while it works', async () => {
  await occupy('queues')
  const sent = await bench.ok(['send', 'Busy/queues', 'for your queue', '--queue', '--wait', 'confirmed'])
  expect(sent.deliveries[0].state).toBe('confirmed')
  expect((await bench.agent('Busy/queues')).state).toBe('busy')
  await finish('queues')
  expect(await kinds('queues')).not.toContain('interrupt')
  const isTaken = async () => (await bench.received('Busy/queues')).some(({ text }) => text?.includes('for your queue'))
  expect(await until(isTaken, { timeoutMs: 10_000, everyMs: 50 })).toBe(true)
})

it('R-BUS-4 --now interrupts the turn, before everything that waits, and once', async () => {
  await occupy('breaks')
  const later = await bench.ok(['send', 'Busy/breaks', 'later'])
  const now = await bench.ok(['send', 'Busy/breaks', 'stop at once', '--now', '--wait', 'confirmed'])
  expect(now.deliveries[0].state).toBe('confirmed')
  await bench.whenDelivery(later.id, 'Busy/breaks', 'confirmed')
  const log = await bench.received('Busy/breaks')
  expect(log.filter(({ kind }) => kind === 'interrupt')).toHaveLength(1)
  const texts = log.filter(({ kind }) => kind === 'prompt').map(({ text }) => text.replace(/^\[.*?\] /, ''))
  expect(texts).toEqual(['work', 'stop at once', 'later'])
})

it('R-BUS-4 a program that does not let itself be interrupted is not typed into, and the message says why it waits', async () => {
  await occupy('stubborn')
  const { id } = await bench.ok(['send', 'Busy/stubborn', 'now!', '--now'])
  const held = await bench.whenDelivery(id, 'Busy/stubborn', 'held')
  expect(held.deliveries[0].reason).toContain('did not let itself be interrupted')
  expect(await kinds('stubborn')).not.toContain('interrupt')
  await finish('stubborn')
  const { deliveries } = await bench.whenDelivery(id, 'Busy/stubborn', 'confirmed')
  // Asked once, and not again and again.
  expect(deliveries[0].events.filter(({ event }: { event: string }) => event === 'hold').length).toBeLessThan(3)
  const log = await bench.received('Busy/stubborn')
  expect(log.filter(({ kind, text }) => kind === 'prompt' && text.includes('now!'))).toHaveLength(1)
})

it('R-BUS-4 at the end of a turn its hook is answered with what waits, and nothing is typed', async () => {
  await occupy('asks')
  const first = await bench.ok(['send', 'Busy/asks', 'first that waited'])
  const second = await bench.ok(['send', 'Busy/asks', `second: "quotes", back\\slash, $HOME and\na line`])
  await finish('asks')
  await bench.whenDelivery(first.id, 'Busy/asks', 'confirmed')
  await bench.whenDelivery(second.id, 'Busy/asks', 'confirmed')
  expect(await evidence(first.id)).toContain('answer of its hook')
  const texts = (await bench.received('Busy/asks')).filter(({ kind }) => kind !== 'start').map(({ text }) => text)
  const bodies = texts.filter(text => text?.startsWith('[')).map(text => text.replace(/^\[.*?\] /, ''))
  expect(bodies).toEqual(['work', 'first that waited', `second: "quotes", back\\slash, $HOME and\na line`])
})

it('R-ALL-3 --now and --queue together are refused', async () => {
  expect(await bench.run(['send', 'Busy/waits', 'x', '--now', '--queue'])).toMatchObject({ code: 2 })
})
