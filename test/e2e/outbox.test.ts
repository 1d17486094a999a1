import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { newId } from '../../src/kernel/ids.ts'
import { isAlive } from '../../src/kernel/process.ts'
import { drop, whenTaken } from './outboxSteps.ts'
import { asAgent, createTeam, got } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

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
  // Nor does a refused file whose name leaves no room for another beside it stop those after it.
  await drop(bench, `${'x'.repeat(240)}.json`, {})
  await drop(bench, 'z.json', { id: newId(), to: 'Duo', body: 'after it' })
  await whenTaken(bench)
  expect((await readdir(bench.file('registry', 'outbox', 'rejected'))).length).toBeGreaterThan(0)
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

it('R-BUS-5 R-BUS-7 R-BUS-8 an answer, a handoff and a broadcast wait in the outbox as well, and go the ways that a daemon opens to whoever said them', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a'] })
  await createTeam(bench, 'Other')
  const asked = await bench.ok(['send', 'Duo/a', 'QUESTION: which port?', '--wait', 'confirmed'])
  const noted = await bench.ok(['send', 'Duo/a', 'mind the cache', '--wait', 'confirmed'], asAgent(bench, 'Duo/lead'))
  const own = await bench.ok(['send', 'Duo', 'STATUS a: here'], asAgent(bench, 'Duo/a'))
  await bench.ok(['daemon', 'stop'])
  const settings = await bench.text('agency.yaml')
  await writeFile(bench.file('agency.yaml'), 'nonsense: true\n')
  const say = (who: string, ...words: string[]) => bench.run([...words, '--json'], asAgent(bench, who))
  const short = (sent: { id: string }) => sent.id.slice(-8)

  const answer = await say('Duo/a', 'reply', short(asked), '8080')
  expect(answer).toMatchObject({ code: 0, json: { outbox: true, deliveries: [] } })
  expect(answer.stderr).toContain('the message waits in registry/outbox/new')
  expect(await bench.run(['reply', short(asked), 'to nobody'], asAgent(bench, 'Duo/lead'))).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^[0-9a-f]{8} {2}in the outbox$/),
  })
  const awaited = await say('Duo/a', 'reply', noted.id, 'I do', '--wait', 'acked')
  expect(awaited).toMatchObject({ code: 6, json: { outbox: true } })
  const handed = await say('Duo/lead', 'handoff', 'Other', '--task', 'TASK-9', '--notes', 'yours')
  const alert = await say('Duo/lead', 'broadcast', '{"type":"alert","message":"main is red"}')
  // What the live door refuses.
  const refused: Record<string, RegExp> = {
    [(await say('Duo/a', 'reply', short(own), 'to myself')).json.id]: /cannot send to itself/,
    [(await say('Duo/a', 'reply', '0badcafe', 'of what?')).json.id]: /no message/,
    [(await say('Duo/a', 'handoff', 'Other', '--task', 'TASK-1', '--from', 'human')).json.id]: /may not speak as human/,
    [(await say('Duo/a', 'broadcast', 'who hears?', '--to', 'nobody')).json.id]: /no group, capability or agency/,
  }
  const forged = { id: newId(), replyTo: asked.id, body: 'not of the person', from: 'human' }
  await drop(bench, `${forged.id}.json`, forged)
  refused[forged.id] = /external may not speak as human/
  const file = await bench.text('registry', 'outbox', 'new', `${answer.json.id}.json`)

  await writeFile(bench.file('agency.yaml'), settings)
  await bench.ok(['status'])
  await whenTaken(bench)
  for (const [id, reason] of Object.entries(refused)) {
    const kept = JSON.parse(await bench.text('registry', 'outbox', 'rejected', `${id}.json`))
    expect(kept.rejected.message).toMatch(reason)
    expect(kept.file.token).toBeUndefined()
  }
  expect(await readdir(bench.file('registry', 'outbox', 'rejected'))).toHaveLength(Object.keys(refused).length)
  const message = async (id: string) => (await bench.ok(['trace', id])).message
  expect(await message(answer.json.id)).toMatchObject({
    ...{ from: 'Duo/a', to: 'human', type: 'ANSWER', replyTo: asked.id, body: '8080' },
  })
  expect(await message(awaited.json.id)).toMatchObject({ from: 'Duo/a', to: 'Duo/lead', ackWanted: true })
  expect(await message(handed.json.id)).toMatchObject({ from: 'Duo/lead', to: 'Other/lead', type: 'handoff' })
  expect(await message(alert.json.id)).toMatchObject({ from: 'Duo/lead', to: 'all', type: 'alert' })
  await bench.whenDelivery(asked.id, 'Duo/a', 'acked')
  await bench.whenDelivery(alert.json.id, 'Other/lead', 'confirmed')

  // Taken in a second time, and by a daemon that died before it could say that it had it, it is the same answer.
  await drop(bench, 'again.json', file)
  await whenTaken(bench)
  await bench.ok(['daemon', 'stop'])
  const cut = await bench.run(['reply', short(noted), 'said once', '--json'], {
    env: { ...asAgent(bench, 'Duo/a').env, AGENCY_CRASH_AT: 'accept:after-write' },
  })
  expect(cut).toMatchObject({ code: 0, json: { outbox: true } })
  await bench.ok(['status'])
  await whenTaken(bench)
  const bodies = (await bench.ok(['messages'])).messages.map(({ body }: { body: string }) => body)
  expect(bodies.filter((body: string) => body === '8080' || body === 'said once')).toEqual(['8080', 'said once'])
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
  // Whose token it bore was told, and nobody else could be.
  expect((await bench.ok(['messages'])).messages).toMatchObject([
    {
      ...{ from: 'system', to: 'Duo/a', type: 'NOTE' },
      body: expect.stringMatching(/not taken in: Duo\/a may not speak as human.*outbox\/rejected\/voice\.json/),
    },
    { id: good.id },
  ])
  expect((await bench.ok(['send', 'Duo', 'x'], asAgent(bench, 'Duo/a'))).from).toBe('Duo/a')
})
