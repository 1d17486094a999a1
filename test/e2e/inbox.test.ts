import { execa } from 'execa'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { asAgent, createTeam, got } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

it('R-BUS-4 ask prints the answer, replies keep their thread, ack and nak settle a delivery', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a', 'b', 'mute'], drivers: { mute: 'shell' } })

  const asked = await bench.run(['ask', 'Duo/a', 'which port? do=reply'])
  expect(asked).toMatchObject({ code: 0, stdout: 'for human: 8080' })
  const document = await bench.ok(['ask', 'Duo/a', 'again? do=reply'])
  expect(document.answer).toMatchObject({
    body: 'for human: 8080',
    type: 'ANSWER',
    from: 'Duo/a',
    replyTo: document.question,
  })
  expect((await bench.ok(['inbox', '--peek'])).messages, 'what ask printed is read').toEqual([])
  const late = await bench.run(['ask', 'Duo/mute', 'anybody?', '--timeout', '200ms', '--json'])
  expect(late).toMatchObject({
    code: 7,
    json: { error: { code: 'TIMED_OUT', hint: expect.stringContaining('trace') } },
  })

  const put = await bench.ok(['send', 'human', 'QUESTION: which port?'], asAgent(bench, 'Duo/b'))
  expect((await bench.run(['inbox', '--peek'])).stdout).toContain(`next   agency reply ${put.id.slice(-8)} "…"`)
  await bench.ok(['reply', put.id, '8080'])
  expect((await bench.run(['inbox', '--peek', '--all'])).stdout).not.toContain('agency reply')

  const first = await bench.ok(['send', 'Duo/b', 'QUESTION: one?', '--ack', '--wait', 'confirmed'])
  const answer = await bench.ok(['reply', first.id.slice(-8), 'one'], asAgent(bench, 'Duo/b'))
  expect(answer).toMatchObject({ type: 'ANSWER', to: 'human', from: 'Duo/b' })
  const back = await bench.ok(['reply', answer.id, 'TASK-7: then do it', '--wait', 'confirmed'])
  expect(back).toMatchObject({ type: 'TASK', to: 'Duo/b' })
  const { messages } = await bench.ok(['messages', '--thread', back.id])
  expect(messages.map((message: { id: string }) => message.id)).toEqual([first.id, answer.id, back.id])
  const trace = await bench.ok(['trace', first.id])
  expect(trace.deliveries[0]).toMatchObject({ state: 'acked' })
  expect(trace.deliveries[0].events.at(-1)).toMatchObject({ state: 'acked', evidence: 'the recipient replied' })
  expect(trace.replies.map((reply: { id: string }) => reply.id)).toEqual([answer.id])
  expect((await got(bench, 'Duo/b')).at(-1)).toMatchObject({ replyTo: answer.id, thread: first.id })

  const naked = await bench.ok(['send', 'Duo/a', 'later, do=nak', '--wait', 'acked'])
  const lines = (await got(bench, 'Duo/a')).filter(line => line.id === naked.id)
  expect(lines.map(line => line.redelivery)).toEqual([undefined, true])
  expect((await bench.ok(['trace', naked.id])).deliveries[0]).toMatchObject({ isRedelivery: true, attempts: 2 })

  const held = await bench.ok(['send', 'Duo/mute', 'for your inbox', '--ack'])
  const read = await bench.ok(['inbox'], asAgent(bench, 'Duo/mute'))
  expect(read.messages.at(-1)).toMatchObject({ id: held.id, state: 'confirmed', redelivery: false })
  await bench.ok(['nak', held.id.slice(-8), '--delay', '1h'], asAgent(bench, 'Duo/mute'))
  const again = await bench.ok(['inbox', '--peek'], asAgent(bench, 'Duo/mute'))
  expect(again.messages.at(-1)).toMatchObject({ id: held.id, redelivery: true })
  expect(await bench.ok(['ack', held.id], asAgent(bench, 'Duo/mute'))).toMatchObject({
    deliveries: [{ state: 'acked' }],
  })
  expect(await bench.ok(['ack', held.id], asAgent(bench, 'Duo/mute'))).toMatchObject({ deliveries: [] })
  expect((await bench.run(['nak', held.id, '--json'], asAgent(bench, 'Duo/mute'))).code).toBe(4)
})

it('R-BUS-7 messages filters and follows with nothing missed or repeated; ids may be short, and unknown ones are named', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Code', { agents: ['a', 'b'] })
  await createTeam(bench, 'Qa', { agents: ['t', 'mute'], drivers: { mute: 'shell' } })
  const send = async (...args: string[]) => (await bench.ok(['send', ...args])).id
  const list = async (...args: string[]): Promise<string[]> =>
    (await bench.ok(['messages', ...args])).messages.map((message: { id: string }) => message.id)
  const one = await send('Code/a', 'TASK-1: one', '--wait', 'confirmed')
  const two = await send('Code', 'STATUS: two', '--wait', 'confirmed')
  const three = await send('Qa/mute', 'three')
  await bench.whenDelivery(three, 'Qa/mute', 'held')
  expect(await list()).toEqual([one, two, three])
  expect(await list('Code')).toEqual([one, two])
  expect(await list('Code/a')).toEqual([one])
  expect(await list('Code/coordinator')).toEqual([two])
  expect(await list('human')).toEqual([one, two, three])
  expect(await list('--type', 'status')).toEqual([two])
  expect(await list('--state', 'held')).toEqual([three])
  expect(await list('--state', 'confirmed')).toEqual([one, two])
  expect(await list('--limit', '1')).toEqual([three])
  expect(await list('--since', '1h')).toEqual([one, two, three])
  for (const [args, code] of [
    [['Nowhere'], 3],
    [['Code/nobody'], 3],
    [['--type', 'DANCE'], 2],
    [['--state', 'lost'], 2],
    [['--since', 'soon'], 2],
    [['--limit', 'x'], 2],
    [['--thread', 'ffffffff'], 3],
  ] as const)
    expect(await bench.run(['messages', ...args, '--json']), args.join(' ')).toMatchObject({
      code,
      json: { error: {} },
    })

  for (const verb of [['trace'], ['ack'], ['nak'], ['reply', 'x']])
    for (const id of ['ffffffff', 'no-id', '../../etc', one.slice(0, 8)]) {
      const ran = await bench.run([verb[0]!, id, ...verb.slice(1), '--json'])
      expect(ran, `${verb[0]} ${id}`).toMatchObject({ code: 3, json: { error: { code: 'NOT_FOUND' } } })
      expect(ran.json.error.message).toContain(id)
    }
  expect((await bench.ok(['trace', one.slice(-8)])).message.id).toBe(one)
  const [delivery] = (await bench.ok(['trace', one])).deliveries
  expect((await bench.ok(['trace', delivery.id.slice(-8)])).message.id).toBe(one)
  // Ids of our own choosing, so that two share their last digits.
  const twins = ['01900000-0000-7000-8000-0000deadbeef', '01900000-0001-7000-8000-0000deadbeef']
  for (const id of twins) expect(await send('Code/a', 'twin', '--id', id)).toBe(id)
  const ambiguous = await bench.run(['trace', 'deadbeef', '--json'])
  expect(ambiguous).toMatchObject({ code: 4, json: { error: { code: 'CONFLICT' } } })
  for (const id of twins) expect(ambiguous.json.error.hint).toContain(id)

  const follower = execa(
    process.execPath,
    [`${packageRoot}/bin/agency.js`, 'messages', 'Code', '--follow', '--json', '--limit', '1'],
    {
      cwd: bench.root,
      env: bench.environment(),
      extendEnv: false,
      reject: false,
      buffer: false,
    },
  )
  let seen = ''
  follower.stdout.setEncoding('utf8').on('data', chunk => {
    seen += chunk
  })
  const ids = () =>
    seen
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line).id)
  try {
    await until(() => ids().length > 0, { timeoutMs: 5000 })
    const burst = await Promise.all(
      Array.from({ length: 8 }, (_, n) => send(n % 4 === 3 ? 'Qa/t' : 'Code/b', `burst ${n}`)),
    )
    const expected = (await list('Code')).slice(-7)
    expect(expected.slice(1).every(id => burst.includes(id))).toBe(true)
    await until(() => ids().length >= expected.length, { timeoutMs: 5000 })
    expect(ids()).toEqual(expected)
  } finally {
    follower.kill()
    await follower
  }
})
