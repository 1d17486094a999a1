import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { createTeam, got } from '../e2e/scriptAgents.ts'
import { Workbench } from '../e2e/workbench.ts'

const VICTIMS = ['daemon', 'server', 'agents'] as const
type Victim = (typeof VICTIMS)[number]
const ORDERS: readonly (readonly Victim[])[] = VICTIMS.flatMap(first =>
  VICTIMS.filter(second => second !== first).map(second => [
    first,
    second,
    VICTIMS.find(third => third !== first && third !== second)!,
  ]),
)

let bench: Workbench
let sent = 0

beforeAll(async () => {
  bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a', 'b', 'c'] })
  await bench.ok(['pause', 'Duo/c', '--why', 'through thick and thin'])
}, 60_000)

afterAll(() => bench?.[Symbol.asyncDispose]())

const ADDRESSES = ['Duo/lead', 'Duo/a', 'Duo/b', 'Duo/c']

/** Everything at once, in this order, with nothing between. */
async function killAll(order: readonly Victim[]): Promise<void> {
  const pids: Record<Victim, number[]> = {
    daemon: [await bench.daemonPid()],
    server: [Number(await bench.tmux('display-message', '-p', '#{pid}'))],
    agents: (await Promise.all(ADDRESSES.map(address => bench.agent(address)))).map(({ pid }) => pid),
  }
  for (const victim of order)
    for (const pid of pids[victim]) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // The one before has taken it along.
      }
    }
}

it.each(ORDERS)(
  'R-TSK-3 R-AGY-5 kill -9 of %s, %s, %s: up brings all back, nothing is lost, and a pause goes on',
  async (...order) => {
    const bodies: string[] = []
    for (const address of ['Duo/a', 'Duo/b', 'Duo/c']) {
      const body = `NOTE ${++sent} through ${order.join(' ')}`
      bodies.push(body)
      await bench.ok(['send', address, body])
    }
    await killAll(order)
    await bench.ok(['up'])
    for (const address of ADDRESSES) await bench.whenAgent(address, 'ready')
    const [a, b] = [bodies[0]!, bodies[1]!]
    const has = async (address: string, body: string) => (await got(bench, address)).some(line => line.body === body)
    expect(await until(() => has('Duo/a', a), { timeoutMs: 15_000, everyMs: 100 })).toBe(true)
    expect(await until(() => has('Duo/b', b), { timeoutMs: 15_000, everyMs: 100 })).toBe(true)
    for (const [address, body] of [
      ['Duo/a', a],
      ['Duo/b', b],
    ] as const) {
      const lines = (await got(bench, address)).filter(line => line.body === body)
      expect(
        lines.slice(1).every(({ redelivery }) => redelivery),
        'a second time only with its mark',
      ).toBe(true)
    }
    expect(await got(bench, 'Duo/c')).toEqual([])
    expect((await bench.agent('Duo/c')).holds).toMatchObject([{ kind: 'paused', by: 'human' }])
  },
  60_000,
)

it('R-TSK-3 what was sent to the paused agent all along is handed over in order', async () => {
  await bench.ok(['resume', 'Duo/c'])
  const isAll = async () => (await got(bench, 'Duo/c')).length >= ORDERS.length
  expect(await until(isAll, { timeoutMs: 15_000, everyMs: 100 })).toBe(true)
  const numbers = (await got(bench, 'Duo/c')).map(({ body }) => Number(/\d+/.exec(body)?.[0]))
  expect(numbers).toEqual(ORDERS.map((_, index) => 3 * (index + 1)))
})
