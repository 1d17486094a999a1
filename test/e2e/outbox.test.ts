import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { newId } from '../../src/kernel/ids.ts'
import { isAlive } from '../../src/kernel/process.ts'
import { asAgent, createTeam, got } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

/** As any program would: written beside the outbox, renamed into it. */
async function drop(bench: Workbench, name: string, content: unknown): Promise<void> {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  await mkdir(bench.file('registry', 'outbox', 'tmp'), { recursive: true })
  await mkdir(bench.file('registry', 'outbox', 'new'), { recursive: true })
  await writeFile(bench.file('registry', 'outbox', 'tmp', name), text)
  await rename(bench.file('registry', 'outbox', 'tmp', name), bench.file('registry', 'outbox', 'new', name))
}

async function whenTaken(bench: Workbench): Promise<void> {
  const isEmpty = await until(async () => (await readdir(bench.file('registry', 'outbox', 'new'))).length === 0, {
    timeoutMs: 10_000,
  })
  expect(isEmpty, 'the outbox is taken in').toBe(true)
}

it('R-BUS-5 a file renamed into the outbox is a message of its token’s owner, once by its id, with or without a daemon', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a'] })
  const token = (await readFile(bench.file('registry', 'tokens', 'Duo.lead'), 'utf8')).trim()
  const own = {
    id: newId(),
    to: 'Duo/a',
    body: 'TASK-5: by file',
    token,
    priority: 'high',
    ttl: 600,
    idempotencyKey: 'k',
  }
  await drop(bench, '1.json', own)
  await whenTaken(bench)
  const stranger = { id: newId(), to: 'Duo', payload: { type: 'request', what: 'build' } }
  await drop(bench, '2.json', stranger)
  await drop(bench, '3.json', { ...own, body: 'the same id again' })
  await drop(bench, '4.json', { ...own, id: newId(), body: 'the same key again' })
  await drop(bench, '5.json', { id: newId(), to: 'Duo/a', body: 'an answer', token, replyTo: own.id, type: 'answer' })
  await whenTaken(bench)
  expect((await bench.whenDelivery(own.id, 'Duo/a', 'confirmed')).message).toMatchObject({
    from: 'Duo/lead',
    type: 'TASK',
    label: 'TASK-5',
    priority: 2,
    expiresAt: expect.any(String),
  })
  expect((await bench.whenDelivery(stranger.id, 'Duo/lead', 'confirmed')).message).toMatchObject({
    from: 'external',
    type: 'request',
    payload: stranger.payload,
  })
  await until(async () => (await got(bench, 'Duo/a')).length >= 2, { timeoutMs: 5000 })
  expect((await got(bench, 'Duo/a')).map(line => line.body)).toEqual(['TASK-5: by file', 'an answer'])

  const taken = async () =>
    (await bench.ok(['messages', '--limit', '1000'])).messages.map((one: { id: string }) => one.id)
  const pid = await bench.daemonPid()
  process.kill(pid, 'SIGKILL')
  await until(() => !isAlive(pid), { timeoutMs: 5000 })
  const unheard = Array.from({ length: 5 }, () => ({ id: newId(), to: 'Duo', body: 'while nobody ran' }))
  for (const [number, file] of unheard.entries()) await drop(bench, `down-${number}.json`, file)
  await drop(bench, 'again.json', own)
  await bench.ok(['status'])
  await whenTaken(bench)
  const ids = await taken()
  expect(ids.slice(-5)).toEqual(unheard.map(file => file.id))
  expect(ids.filter((id: string) => id === own.id)).toHaveLength(1)
  expect(await readdir(bench.file('registry', 'outbox', 'rejected'))).toEqual([])
})

it('R-BUS-5 a daemon that dies between the message and the end of its file takes it in once', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a'] })
  const pid = await bench.daemonPid()
  process.kill(pid, 'SIGKILL')
  await until(() => !isAlive(pid), { timeoutMs: 5000 })
  const file = { id: newId(), to: 'Duo', body: 'exactly once' }
  await drop(bench, 'one.json', file)
  // This daemon has it on disk and dies before the file goes.
  await bench.run(['status'], { env: { AGENCY_CRASH_AT: 'accept:after-write' } })
  expect(existsSync(bench.file('registry', 'outbox', 'new', 'one.json'))).toBe(true)
  await until(async () => (await bench.run(['status'])).code === 0, { timeoutMs: 10_000 })
  await whenTaken(bench)
  await bench.whenDelivery(file.id, 'Duo/lead', 'confirmed')
  const { messages } = await bench.ok(['messages'])
  expect(messages.map((message: { id: string }) => message.id)).toEqual([file.id])
})

it('R-BUS-5 send leaves the message in the outbox when no daemon can run, and one that was taken all the same is not taken twice', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a'] })
  await bench.ok(['daemon', 'stop'])
  const settings = await bench.text('agency.yaml')
  await writeFile(bench.file('agency.yaml'), 'nonsense: true\n')
  const left = await bench.run(['send', 'Duo/a', 'TASK-3: later', '--priority', 'high', '--json'])
  expect(left).toMatchObject({ code: 0, json: { outbox: true, deliveries: [] } })
  expect(left.stderr).toContain('the message waits in registry/outbox/new')
  const outside = await bench.run(['send', 'Duo/a', 'x', '--id', '../../../agencies/left', '--json'])
  expect([outside.code, outside.json.error.code]).toEqual([2, 'BAD_MESSAGE'])
  expect(await readdir(bench.file('agencies'))).toEqual(['Duo'])
  expect((await bench.run(['send', 'Duo/a', 'and this', '--wait', 'confirmed', '--json'])).code).toBe(6)
  await writeFile(bench.file('agency.yaml'), settings)
  await bench.ok(['status'])
  await whenTaken(bench)

  await bench.ok(['daemon', 'stop'])
  const cut = await bench.run(['send', 'Duo/a', 'accepted, and not said', '--json'], {
    env: { AGENCY_CRASH_AT: 'accept:after-write' },
  })
  expect(cut).toMatchObject({ code: 0, json: { outbox: true } })
  await bench.whenDelivery(cut.json.id, 'Duo/a', 'confirmed')
  await whenTaken(bench)
  const { messages } = await bench.ok(['messages'])
  const bodies = messages.map((message: { body: string }) => message.body)
  expect(bodies.sort()).toEqual(['TASK-3: later', 'accepted, and not said', 'and this'])
  expect(messages.find((message: { id: string }) => message.id === left.json.id)).toMatchObject({
    from: 'human',
    type: 'TASK',
    priority: 2,
  })
  const lines = await got(bench, 'Duo/a')
  for (const line of lines) {
    const same = lines.filter(other => other.id === line.id)
    expect(same.filter(other => !other.redelivery).length, line.body).toBe(1)
  }
})

it('R-BUS-4 an answer acknowledges what it answers, also when the daemon dies between the two', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a'] })
  const asked = await bench.ok(['send', 'Duo/a', 'QUESTION: which port?', '--wait', 'confirmed'])
  const other = await bench.ok(['send', 'Duo/a', 'QUESTION: which host?', '--wait', 'confirmed'])
  await bench.ok(['daemon', 'stop'])
  const token = (await readFile(bench.file('registry', 'tokens', 'Duo.a'), 'utf8')).trim()
  const answer = { id: newId(), to: 'human', body: '8080', token, replyTo: asked.id }
  await drop(bench, 'answer.json', answer)
  await bench.run(['status'], { env: { AGENCY_CRASH_AT: 'accept:after-write' } })
  expect(existsSync(bench.file('registry', 'outbox', 'new', 'answer.json'))).toBe(true)
  await until(async () => (await bench.run(['status'])).code === 0, { timeoutMs: 10_000 })
  await bench.whenDelivery(asked.id, 'Duo/a', 'acked')
  // The same answer once more, said of another question: it was not given to that one.
  await drop(bench, 'again.json', { ...answer, replyTo: other.id })
  await whenTaken(bench)
  expect((await bench.ok(['trace', other.id])).deliveries).toMatchObject([{ state: 'confirmed' }])
})

it('R-BUS-5 what send leaves in the outbox wants its ack, is a nudge, waits or interrupts as it was asked for', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a'] })
  await bench.ok(['stop', 'Duo/a'])
  const waiting = await bench.ok(['send', 'Duo/a', 'STATUS?', '--nudge'])
  await bench.ok(['daemon', 'stop'])
  const settings = await bench.text('agency.yaml')
  await writeFile(bench.file('agency.yaml'), 'nonsense: true\n')
  expect(await bench.ok(['send', 'Duo/a', 'STATUS?', '--nudge'])).toMatchObject({ outbox: true })
  const wanted = await bench.ok(['send', 'Duo/a', 'mind this', '--ack'])
  const awaited = await bench.run(['send', 'Duo/a', 'and this', '--wait', 'acked', '--json'])
  expect(awaited).toMatchObject({ code: 6, json: { outbox: true } })
  const queued = await bench.ok(['send', 'Duo/a', 'when you can', '--queue'])
  const urgent = await bench.ok(['send', 'Duo/a', 'stop', '--now'])
  await writeFile(bench.file('agency.yaml'), settings)
  await bench.ok(['status'])
  await whenTaken(bench)
  const { messages } = await bench.ok(['messages'])
  const taken = messages.map((one: { id: string; ackWanted: boolean; priority: number }) => [
    one.id,
    one.ackWanted,
    one.priority,
  ])
  expect(taken).toEqual([
    [waiting.id, false, 1],
    [wanted.id, true, 1],
    [awaited.json.id, true, 1],
    [queued.id, false, 1],
    [urgent.id, false, 3],
  ])
})

it('R-BUS-5 what is not a message is kept among the rejected with its reason, and without its token', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a'] })
  const human = (await readFile(bench.file('registry', 'tokens', 'human'), 'utf8')).trim()
  const agent = (await readFile(bench.file('registry', 'tokens', 'Duo.a'), 'utf8')).trim()
  const good = { id: newId(), to: 'Duo', body: 'x' }
  const cases: Record<string, [content: unknown, reason: RegExp]> = {
    'strange-token.json': [{ ...good, id: newId(), token: 'cd'.repeat(32) }, /token is not known/],
    'broken.json': [`{"id":"${newId()}","token":"${human}",`, /not JSON/],
    'extra.json': [{ ...good, id: newId(), colour: 'red' }, /colour/],
    'no-target.json': [{ id: newId(), body: 'x' }, /^to: /],
    'no-body.json': [{ id: newId(), to: 'Duo' }, /body is empty/],
    'bad-id.json': [{ ...good, id: 'one' }, /UUIDv7/],
    'nobody.json': [{ ...good, id: newId(), to: 'Duo/nobody' }, /no agent "nobody"/],
    'voice.json': [{ ...good, id: newId(), token: agent, from: 'human' }, /may not speak as human/],
    'unsigned.json': [{ ...good, id: newId(), from: 'human' }, /external may not speak as human/],
    'payload.json': [{ id: newId(), to: 'Duo', payload: { type: 'results' } }, /results payload/],
    'list.json': ['[]', /expected object/],
    'plain words': ['hello', /not JSON/],
  }
  for (const [name, [content]] of Object.entries(cases)) await drop(bench, name, content)
  await mkdir(bench.file('registry', 'outbox', 'new', 'folder'))
  await drop(bench, '~good.json', good)
  await whenTaken(bench)
  for (const [name, [, reason]] of Object.entries(cases)) {
    const file = name.endsWith('.json') ? name : `${name}.json`
    const kept = JSON.parse(await bench.text('registry', 'outbox', 'rejected', file))
    expect(kept.rejected.message, name).toMatch(reason)
    expect(kept.rejected).toMatchObject({ at: expect.any(String), code: expect.any(String) })
    for (const secret of ['cd'.repeat(32), human, agent]) expect(JSON.stringify(kept)).not.toContain(secret)
  }
  expect((await bench.ok(['messages'])).messages).toMatchObject([{ id: good.id }])
  expect((await bench.ok(['send', 'Duo', 'x'], asAgent(bench, 'Duo/a'))).from).toBe('Duo/a')
})
