import { expect, it } from 'vitest'
import { asAgent, createTeam, got } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

const ways = (sent: { deliveries: { to: string; kind: string }[] }) =>
  sent.deliveries.map(({ to, kind }) => `${kind} ${to}`)

it('R-BUS-1 a peer’s message goes as the policy says: with a copy, through the coordinator, or private', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Open', { agents: ['a', 'b'] })
  await createTeam(bench, 'Strict', { agents: ['a', 'b'], policy: 'coordinator' })
  await createTeam(bench, 'Quiet', { agents: ['a', 'b'], policy: 'private' })
  const peer = (agency: string, to = 'b') =>
    bench.ok(['send', `${agency}/${to}`, 'STATUS: hi', '--wait', 'confirmed'], asAgent(bench, `${agency}/a`))

  const copied = await peer('Open')
  expect(ways(copied)).toEqual(['direct Open/b', 'copy Open/lead'])
  expect(ways(await peer('Strict'))).toEqual(['direct Strict/lead'])
  expect(ways(await peer('Quiet'))).toEqual(['direct Quiet/b'])
  expect(ways(await peer('Open', 'coordinator'))).toEqual(['direct Open/lead'])
  expect(ways(await bench.ok(['send', 'Open/b', 'x'], asAgent(bench, 'Open/lead')))).toEqual(['direct Open/b'])

  // The copy is there to be read, and the coordinator's program is never given it.
  expect((await got(bench, 'Open/lead')).map(line => line.id)).not.toContain(copied.id)
  const copies = async (...args: string[]) =>
    (await bench.ok(['inbox', ...args], asAgent(bench, 'Open/lead'))).messages.map(
      (message: { id: string; kind: string; to: string }) => [message.id, message.kind, message.to],
    )
  expect(await copies('--peek')).toEqual([[copied.id, 'copy', 'Open/b']])
  expect(await copies()).toEqual([[copied.id, 'copy', 'Open/b']])
  expect(await copies()).toEqual([])
  const { deliveries } = await bench.ok(['trace', copied.id])
  expect(deliveries.find((one: { kind: string }) => one.kind === 'copy')).toMatchObject({
    to: 'Open/lead',
    state: 'confirmed',
    attempts: 0,
  })
})

it('R-BUS-2 between agencies only the other coordinator is spoken to, and the asker may be answered', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Code', { agents: ['a'] })
  await createTeam(bench, 'Qa', { agents: ['t'] })
  const refused = await bench.run(['send', 'Qa/t', 'x', '--json'], asAgent(bench, 'Code/a'))
  expect(refused).toMatchObject({ code: 5, json: { error: { code: 'NOT_ALLOWED', hint: 'agency send Qa "…"' } } })
  expect((await bench.run(['send', 'Qa/t', 'x', '--json'], asAgent(bench, 'Code/lead'))).code).toBe(5)

  const asked = await bench.ok(
    ['send', 'Qa', 'QUESTION: what failed?', '--wait', 'confirmed'],
    asAgent(bench, 'Code/a'),
  )
  expect(ways(asked)).toEqual(['direct Qa/lead', 'copy Code/lead'])
  const answer = await bench.ok(['reply', asked.id, 'nothing'], asAgent(bench, 'Qa/lead'))
  expect(answer).toMatchObject({ to: 'Code/a', type: 'ANSWER' })
  expect(ways(answer)).toContain('direct Code/a')
  // An answer is to somebody who asked: it opens no door for anything else.
  expect((await bench.run(['send', 'Code/a', 'x', '--json'], asAgent(bench, 'Qa/lead'))).code).toBe(5)
  const stranger = await bench.run(['reply', asked.id, 'me too', '--json'], asAgent(bench, 'Qa/t'))
  expect(stranger.code).toBe(5)
})

it('R-BUS-3 a broadcast is one delivery to each coordinator: all, a group, a capability or one agency', async () => {
  await using bench = await Workbench.open({ settings: 'groups: { builders: [Code, Ops], broken: [Nowhere] }' })
  await createTeam(bench, 'Code', { agents: ['a'], capabilities: ['backend', 'review'] })
  await createTeam(bench, 'Qa', { capabilities: ['testing', 'review'] })
  await createTeam(bench, 'Ops', { capabilities: ['deploy'] })
  const alert = { type: 'alert', severity: 'high', message: 'main is red', action_required: 'stop merging' }
  const cast = async (...args: string[]) => ways(await bench.ok(['broadcast', JSON.stringify(alert), ...args])).sort()

  expect(await cast('--wait', 'confirmed')).toEqual(['direct Code/lead', 'direct Ops/lead', 'direct Qa/lead'])
  expect(await cast('--to', 'builders')).toEqual(['direct Code/lead', 'direct Ops/lead'])
  expect(await cast('--to', 'review')).toEqual(['direct Code/lead', 'direct Qa/lead'])
  expect(await cast('--to', 'capability:testing')).toEqual(['direct Qa/lead'])
  expect(await cast('--to', 'Ops')).toEqual(['direct Ops/lead'])
  expect((await got(bench, 'Qa/lead'))[0]).toMatchObject({ type: 'alert', payload: alert, to: 'Qa/lead' })

  const own = await bench.ok(['broadcast', JSON.stringify(alert)], asAgent(bench, 'Code/lead'))
  expect(ways(own).sort()).toEqual(['direct Ops/lead', 'direct Qa/lead'])
  for (const [to, code] of [
    ['nobody', 3],
    ['broken', 3],
    ['capability:unheard', 3],
  ] as const)
    expect((await bench.run(['broadcast', 'x', '--to', to, '--json'])).code, to).toBe(code)
  expect((await bench.run(['broadcast', '{"type":"alert"}', '--json'])).code).toBe(2)
})
