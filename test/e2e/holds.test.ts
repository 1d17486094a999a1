import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { asAgent, createTeam, got } from './scriptAgents.ts'
import { createWild, whenAgent } from './wildAgents.ts'
import { Workbench } from './workbench.ts'

let bench: Workbench

beforeAll(async () => {
  bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a', 'b', 'c'] })
  await createTeam(bench, 'Other', { agents: ['x'] })
}, 60_000)

afterAll(() => bench?.[Symbol.asyncDispose]())

const bodies = async (address: string) => (await got(bench, address)).map(({ body }) => body)

it('R-TSK-3 what is sent to a paused agent waits and says why; its program goes on; resume hands it over at once and in order', async () => {
  const before = await bench.agent('Duo/a')
  const paused = await bench.run(['pause', 'Duo/a', '--why', 'lunch'])
  expect(paused.stdout).toContain('Duo/a is paused')
  const sent: string[] = []
  for (const word of ['one', 'two', 'three']) sent.push((await bench.ok(['send', 'Duo/a', word])).id)
  const held = await bench.whenDelivery(sent[0]!, 'Duo/a', 'held')
  expect(held.deliveries[0].reason).toBe('paused by human: lunch')
  expect(await bench.agent('Duo/a')).toMatchObject({ pid: before.pid, state: 'ready', holds: [{ kind: 'paused' }] })
  expect((await bench.run(['status', 'Duo'])).stdout).toMatch(/a +ready +.*paused/)
  const told = (await bench.run(['explain', 'Duo/a'])).stdout
  expect(told).toContain('lunch')
  expect(told).toContain('agency resume Duo/a')
  expect((await bench.run(['explain', 'Duo'])).stdout).toContain('agency resume Duo/a')
  expect(await bodies('Duo/a')).toEqual([])

  const began = Date.now()
  await bench.ok(['resume', 'Duo/a'])
  for (const id of sent) await bench.whenDelivery(id, 'Duo/a', 'confirmed')
  expect(await bodies('Duo/a')).toEqual(['one', 'two', 'three'])
  const trace = await bench.ok(['trace', sent[2]!])
  const confirmed = trace.deliveries[0].events.find(({ state }: { state: string }) => state === 'confirmed')
  expect(Date.parse(confirmed.at) - began).toBeLessThan(1500)
  expect((await bench.run(['resume', 'Duo/a'])).stdout).toMatch(/nothing to resume[\s\S]*agency explain Duo\/a/)
})

it('R-TSK-3 a pause outlives restarts of the agent, kill -9 of its program and of the daemon', async () => {
  await bench.ok(['pause', 'Duo/b'])
  const { id } = await bench.ok(['send', 'Duo/b', 'still there'])
  const first = await bench.agent('Duo/b')
  await bench.ok(['restart', 'Duo/b'])
  const second = await whenAgent(bench, 'Duo/b', ({ pid, state }) => pid && pid !== first.pid && state === 'ready')
  process.kill(second.pid, 'SIGKILL')
  await whenAgent(bench, 'Duo/b', ({ pid, state }) => pid && pid !== second.pid && state === 'ready')
  process.kill(await bench.daemonPid(), 'SIGKILL')
  expect(await bench.agent('Duo/b')).toMatchObject({ holds: [{ kind: 'paused', by: 'human' }] })
  await bench.whenDelivery(id, 'Duo/b', 'held')
  expect(await bodies('Duo/b')).toEqual([])
  await bench.ok(['resume', 'Duo'])
  await bench.whenDelivery(id, 'Duo/b', 'confirmed')
  expect(await bodies('Duo/b')).toEqual(['still there'])
})

it('R-TSK-3 an agent that drains is stopped when it has answered, and what came meanwhile waits for its next start', async () => {
  const open = await bench.ok(['send', 'Duo/c', 'do=silent'])
  await bench.whenDelivery(open.id, 'Duo/c', 'handed')
  await bench.ok(['drain', 'Duo/c', '--why', 'a new version'])
  const later = await bench.ok(['send', 'Duo/c', 'after you'])
  const held = await bench.whenDelivery(later.id, 'Duo/c', 'held')
  expect(held.deliveries[0].reason).toBe('draining, as asked by human: a new version')
  expect(await bench.agent('Duo/c')).toMatchObject({ state: 'ready', holds: [{ kind: 'draining' }] })
  await bench.ok(['ack', open.id], asAgent(bench, 'Duo/c'))
  const stopped = await whenAgent(bench, 'Duo/c', ({ state }) => state === 'stopped')
  expect(stopped).toMatchObject({ rule: 'drained', evidence: 'as asked by human: a new version', holds: [] })
  expect(await bodies('Duo/c')).toEqual(['do=silent'])
  await bench.ok(['start', 'Duo/c'])
  await bench.whenDelivery(later.id, 'Duo/c', 'confirmed')
  expect(await bodies('Duo/c')).toEqual(['do=silent', 'after you'])
})

it('R-TSK-3 an agency that drains is stopped with its last agent; resume calls a drain off', async () => {
  await createTeam(bench, 'Gone', { agents: ['a'] })
  const open = await bench.ok(['send', 'Gone/a', 'do=silent'])
  await bench.whenDelivery(open.id, 'Gone/a', 'handed')
  await bench.ok(['drain', 'Gone'])
  await whenAgent(bench, 'Gone/lead', ({ state }) => state === 'stopped')
  await bench.ok(['resume', 'Gone'])
  await bench.ok(['ack', open.id], asAgent(bench, 'Gone/a'))
  expect(await bench.agent('Gone/a')).toMatchObject({ state: 'ready', holds: [] })
  await bench.ok(['drain', 'Gone'])
  await whenAgent(bench, 'Gone/a', ({ state }) => state === 'stopped')
  const isStopped = async () => {
    const { agencies } = await bench.ok(['status'])
    return agencies.find(({ name }: { name: string }) => name === 'Gone').state === 'stopped'
  }
  expect(await until(isStopped, { timeoutMs: 5000, everyMs: 50 })).toBe(true)
  expect(await bench.tmux('list-sessions', '-F', '#{session_name}')).not.toContain('Gone')
})

it('R-TSK-3 R-BUS-8 a coordinator tends its own specialists, recorded as it; what the person has said the person takes back', async () => {
  const lead = asAgent(bench, 'Duo/lead')
  await bench.ok(['pause', 'Duo/a', '--why', 'wait for b'], lead)
  expect((await bench.agent('Duo/a')).holds).toMatchObject([{ kind: 'paused', by: 'Duo/lead', why: 'wait for b' }])
  await bench.ok(['resume', 'Duo/a'], lead)
  expect((await bench.agent('Duo/a')).holds).toEqual([])

  await bench.ok(['pause', 'Duo/a'])
  const refused: readonly [args: readonly string[], as: string][] = [
    [['resume', 'Duo/a'], 'Duo/lead'],
    [['pause', 'Duo'], 'Duo/lead'],
    [['pause', 'Duo/lead'], 'Duo/lead'],
    [['pause', 'Other/x'], 'Duo/lead'],
    [['pause', 'Duo/b'], 'Duo/c'],
    [['stop', 'Duo/a'], 'Duo/lead'],
  ]
  for (const [args, as] of refused)
    expect([args, as, (await bench.run(args, asAgent(bench, as))).code]).toEqual([args, as, 5])
  await bench.ok(['restart', 'Duo/a'], lead)
  expect((await bench.agent('Duo/a')).holds).toMatchObject([{ kind: 'paused', by: 'human' }])
  await bench.ok(['resume', 'Duo/a'])
  const log = await bench.text('agencies', 'Duo', 'logs', 'activity.log')
  expect(log).toContain('Duo/lead decision about Duo/a  Duo/a: paused by Duo/lead: wait for b')
  expect(await bench.run(['pause', 'Duo/nobody'])).toMatchObject({ code: 3 })
})

it('R-TSK-3 so many messages a day are handed over; the rest of the day’s wait, unless the person lifts that', async () => {
  await createWild(bench, 'Few', { a: { limits: { messagesPerDay: 2 } } })
  const sent: string[] = []
  for (const word of ['one', 'two', 'three']) sent.push((await bench.ok(['send', 'Few/a', word])).id)
  await bench.whenDelivery(sent[1]!, 'Few/a', 'confirmed')
  const held = await bench.whenDelivery(sent[2]!, 'Few/a', 'held')
  expect(held.deliveries[0].reason).toBe('held by system: messages today 2 of 2 used')
  const midnight = new Date().setHours(24, 0, 0, 0)
  const [hold] = (await bench.agent('Few/a')).holds
  expect(hold).toMatchObject({ kind: 'limit', limit: 'messagesPerDay', until: new Date(midnight).toISOString() })
  expect((await bench.run(['explain', 'Few/a'])).stdout).toContain('messages today 2 of 2')
  const doctor = await bench.run(['doctor', '--json'])
  expect(JSON.stringify(doctor.json.findings)).toContain('agency resume Few/a')
  await bench.ok(['resume', 'Few/a'])
  await bench.whenDelivery(sent[2]!, 'Few/a', 'confirmed')
  const { id } = await bench.ok(['send', 'Few/a', 'four', '--wait', 'confirmed'])
  expect(id).toBeDefined()
})
