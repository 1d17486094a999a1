import { afterAll, beforeAll, expect, it } from 'vitest'
import { asksAtTurnEnds, createRehearsal, writeDriver } from './rehearsalTeam.ts'
import { whenAgent } from './wildAgents.ts'
import { Workbench } from './workbench.ts'

let bench: Workbench

beforeAll(async () => {
  bench = await Workbench.open()
  await writeDriver(bench, 'asking', asksAtTurnEnds)
  await createRehearsal(bench, {
    name: 'Held',
    agents: { types: {}, asks: { driver: 'asking' }, drains: {} },
    rules: [{ when: { body: 'work' }, do: [{ sleep: 3000 }] }],
  })
}, 60_000)

afterAll(() => bench?.[Symbol.asyncDispose]())

const prompts = async (agent: string) =>
  (await bench.received(`Held/${agent}`)).filter(({ kind }) => kind === 'prompt').map(({ text }) => String(text))
const occupy = async (agent: string) => {
  await bench.ok(['send', `Held/${agent}`, 'work', '--wait', 'confirmed'])
  await bench.whenAgent(`Held/${agent}`, 'busy')
}

it.each(['types', 'asks'])(
  'R-TSK-3 a pause in the middle of a turn: %s ends its turn, and neither hook, queue nor interruption hands anything over',
  async agent => {
    await occupy(agent)
    await bench.ok(['pause', `Held/${agent}`])
    const ids: string[] = []
    for (const how of [[], ['--queue'], ['--now']])
      ids.push((await bench.ok(['send', `Held/${agent}`, `held back ${how.join('')}`, ...how])).id)
    for (const id of ids) await bench.whenDelivery(id, `Held/${agent}`, 'queued', 'held')
    await bench.whenAgent(`Held/${agent}`, 'ready')
    // The first that would have gone says why it did not.
    const { deliveries } = await bench.whenDelivery(ids[2]!, `Held/${agent}`, 'held')
    expect(deliveries[0].reason).toBe('paused by human')
    expect(await prompts(agent)).toHaveLength(1)
    expect((await bench.received(`Held/${agent}`)).map(({ kind }) => kind)).not.toContain('interrupt')
    await bench.ok(['resume', `Held/${agent}`])
    for (const id of ids) await bench.whenDelivery(id, `Held/${agent}`, 'confirmed')
    expect(await prompts(agent)).toHaveLength(4)
  },
)

it('R-TSK-3 an agent that drains finishes its turn, and its conversation goes on at its next start', async () => {
  const before = (await bench.run(['explain', 'Held/drains', '--json'])).json.agent.conversation
  await occupy('drains')
  await bench.ok(['drain', 'Held/drains'])
  const { id } = await bench.ok(['send', 'Held/drains', 'for the next start'])
  expect(await bench.agent('Held/drains')).toMatchObject({ state: 'busy' })
  const stopped = await whenAgent(bench, 'Held/drains', ({ state }) => state === 'stopped')
  expect(stopped.rule).toBe('drained')
  expect((await bench.received('Held/drains')).map(({ kind }) => kind)).not.toContain('interrupt')
  await bench.ok(['start', 'Held/drains'])
  await bench.whenDelivery(id, 'Held/drains', 'confirmed')
  expect((await bench.run(['explain', 'Held/drains', '--json'])).json.agent.conversation).toBe(before)
})
