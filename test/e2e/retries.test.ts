import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { asAgent, createTeam, got } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
async function notices(bench: Workbench, about: string): Promise<any[]> {
  const { messages } = await bench.ok(['messages', 'system', '--type', 'notice'])
  return messages.filter((message: { payload: { about: string } }) => message.payload.about === about)
}

it('R-BUS-4 a key is accepted once, a nudge that still waits is enough, and what waits goes by priority and then by age', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a', 'b'] })
  const first = await bench.ok(['send', 'Duo/b', 'once', '--key', 'k1'])
  const second = await bench.ok(['send', 'Duo/b', 'other words', '--key', 'k1'])
  expect(second).toMatchObject({ id: first.id, duplicate: true })
  const other = await bench.ok(['send', 'Duo/b', 'mine', '--key', 'k1'], asAgent(bench, 'Duo/lead'))
  expect(other.id).not.toBe(first.id)
  const id = '01900000-0000-7000-8000-00000000abcd'
  await bench.ok(['send', 'Duo/b', 'by id', '--id', id])
  expect(await bench.ok(['send', 'Duo/b', 'by id', '--id', id])).toMatchObject({ id, duplicate: true })
  const stolen = await bench.run(['send', 'Duo/b', 'by id', '--id', id, '--json'], asAgent(bench, 'Duo/lead'))
  expect(stolen).toMatchObject({ code: 4, json: { error: { code: 'CONFLICT' } } })
  for (const accepted of [first.id, other.id, id]) await bench.whenDelivery(accepted, 'Duo/b', 'confirmed')
  expect((await got(bench, 'Duo/b')).map(line => line.body).sort()).toEqual(['by id', 'mine', 'once'])

  await bench.ok(['stop', 'Duo/a'])
  const waiting = async (...args: string[]) => (await bench.ok(['send', 'Duo/a', ...args])).id
  const nudge = await waiting('STATUS?', '--nudge')
  const low = await waiting('low', '--priority', 'low')
  const normal = await waiting('normal')
  const urgent = await waiting('urgent', '--priority', 'urgent')
  const high = await waiting('high', '--priority', 'high')
  const later = await waiting('normal too')
  expect(await waiting('STATUS?', '--nudge')).toBe(nudge)
  expect((await bench.ok(['send', 'Duo/a', 'STATUS?', '--nudge'])).duplicate).toBe(true)
  const own = await bench.ok(['send', 'Duo/a', 'STATUS?', '--nudge'], asAgent(bench, 'Duo/lead'))
  expect(own.duplicate, 'another sender’s nudge is another message').toBeUndefined()
  expect((await bench.agent('Duo/a')).queued).toBe(7)
  await bench.ok(['start', 'Duo/a'])
  await bench.whenDelivery(low, 'Duo/a', 'confirmed')
  const order = (await got(bench, 'Duo/a')).map(line => line.id)
  expect(order).toEqual([urgent, high, nudge, normal, later, own.id, low])
  expect(await waiting('STATUS?', '--nudge'), 'once it has arrived, a nudge is a new one').not.toBe(nudge)
})

it('R-BUS-4 what cannot arrive ends with a notice to its sender: expired, unknown until evidence comes, or dead; and a person requeues it', async () => {
  await using bench = await Workbench.open({
    settings:
      'delivery: { confirmTimeout: 1, maxAttempts: 2 }\nsupervision: { backoffBase: 0.2, backoffMax: 0.4, tick: 0.2 }',
  })
  await createTeam(bench, 'Duo', { agents: ['a', 'b', 'mute'], drivers: { mute: 'shell' } })

  const short = await bench.ok(['send', 'Duo/mute', 'quick', '--ttl', '1s'])
  const silent = await bench.ok(['send', 'Duo/a', 'do=silent'], asAgent(bench, 'Duo/lead'))
  const deadly = await bench.ok(['send', 'Duo/b', 'do=diealways'])
  const expired = await bench.whenDelivery(short.id, 'Duo/mute', 'expired')
  expect(expired.deliveries[0]).toMatchObject({ attempts: 0, reason: 'its time to live is over' })
  expect(await notices(bench, short.id)).toMatchObject([{ to: 'human', payload: { state: 'expired' } }])
  const words = `Your message ${short.id.slice(-8)} to Duo/mute is expired`
  const lists = [await bench.run(['inbox', '--peek']), await bench.run(['messages', 'human'])]
  for (const { stdout } of lists) {
    expect(stdout, 'a person reads words').toContain(words)
    expect(stdout).not.toContain('"type":"notice"')
  }

  await bench.whenDelivery(silent.id, 'Duo/a', 'unknown')
  const [told] = await notices(bench, silent.id)
  expect(told).toMatchObject({ to: 'Duo/lead', payload: { state: 'unknown' } })
  expect((await got(bench, 'Duo/a')).filter(line => line.id === silent.id)).toHaveLength(1)
  await bench.ok(['ack', silent.id], asAgent(bench, 'Duo/a'))
  await bench.whenDelivery(silent.id, 'Duo/a', 'acked')

  const dead = await bench.whenDelivery(deadly.id, 'Duo/b', 'dead')
  expect(dead.deliveries[0]).toMatchObject({ attempts: 2, isRedelivery: true })
  expect((await got(bench, 'Duo/b')).map(line => line.redelivery)).toEqual([undefined, true])
  expect(await notices(bench, deadly.id)).toMatchObject([{ payload: { state: 'dead' } }])

  const { deliveries } = await bench.ok(['dead'])
  expect(deliveries.map((one: { id: string; state: string }) => [one.id, one.state])).toEqual(
    expect.arrayContaining([
      [short.id, 'expired'],
      [deadly.id, 'dead'],
    ]),
  )
  expect((await bench.run(['dead'])).stdout).toContain(deadly.id.slice(-8))
  expect((await bench.ok(['dead', 'show', deadly.id.slice(-8)])).message.id).toBe(deadly.id)
  const again = await bench.ok(['dead', 'requeue', short.id.slice(-8)])
  expect(again.deliveries).toMatchObject([{ to: 'Duo/mute', state: 'queued' }])
  const fresh = (await bench.ok(['trace', short.id])).deliveries
  expect(fresh).toMatchObject([{ id: again.deliveries[0].id, isRedelivery: true }])
  const read = await bench.ok(['inbox'], asAgent(bench, 'Duo/mute'))
  expect(read.messages).toMatchObject([{ id: short.id, redelivery: true }])
  const twice = await bench.run(['dead', 'requeue', short.id, '--json'])
  expect(twice).toMatchObject({ code: 4, json: { error: { code: 'CONFLICT' } } })
  expect(await bench.run(['dead', 'requeue', '--json'])).toMatchObject({ code: 2 })
  expect(await bench.run(['dead', 'dance', '--json'])).toMatchObject({ code: 2 })
  expect((await bench.ok(['dead', 'purge'])).purged).toBeGreaterThan(0)
  expect((await bench.ok(['dead'])).deliveries).toEqual([])
  expect((await bench.ok(['trace', deadly.id])).message.body).toBe('do=diealways')
  // Nobody withdrew it, and nobody may take it for done.
  const listed = (await bench.ok(['messages'])).messages.find((one: { id: string }) => one.id === deadly.id)
  expect(listed).toMatchObject({ state: 'forgotten', deliveries: [] })
  expect((await bench.run(['trace', deadly.id])).stdout).toContain('its deliveries were forgotten')
  const repeated = await bench.run(['send', 'Duo/b', 'do=diealways', '--id', deadly.id, '--wait', 'confirmed'])
  expect(repeated).toMatchObject({ code: 6, stdout: expect.stringContaining('forgotten') })
  const late = await bench.run(['ack', deadly.id, '--json'], asAgent(bench, 'Duo/b'))
  expect(late).toMatchObject({ code: 4, json: { error: { code: 'CONFLICT' } } })
})

it('R-BUS-4 an ack that was wanted and does not come brings the message again, marked, and then a notice', async () => {
  await using bench = await Workbench.open({ settings: 'delivery: { ackTimeout: 1, maxAttempts: 2 }' })
  await createTeam(bench, 'Duo', { agents: ['a'] })
  const sent = await bench.ok(['send', 'Duo/a', 'mind this', '--ack'])
  await bench.whenDelivery(sent.id, 'Duo/a', 'dead')
  expect((await got(bench, 'Duo/a')).map(line => line.redelivery)).toEqual([undefined, true])
  expect(await notices(bench, sent.id)).toMatchObject([{ payload: { state: 'dead' } }])
})

it('R-BUS-4 what is typed again says so in its header', async () => {
  await using bench = await Workbench.open()
  await bench.ok(['create', 'Duo', '--agents', 'a'])
  const sent = await bench.ok(['send', 'Duo/a', 'STATUS: once more', '--wait', 'confirmed'])
  await bench.ok(['nak', sent.id, '--delay', '100ms'], asAgent(bench, 'Duo/a'))
  const prompts = async () => (await bench.received('Duo/a')).filter(entry => entry.kind === 'prompt')
  await until(async () => (await prompts()).length === 2, { timeoutMs: 15_000, everyMs: 50 })
  const head = `[human → Duo/a · STATUS · ${sent.id.slice(-8)}`
  expect((await prompts()).map(prompt => prompt.text)).toEqual([
    `${head}] STATUS: once more`,
    `${head} · redelivery 2] STATUS: once more`,
  ])
})
