import { expect, it } from 'vitest'
import { asAgent, createTeam, got } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

it('R-BUS-1 every form of send reaches the agent it names, with the type and label of its prefix', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a', 'mute'], drivers: { mute: 'shell' } })
  const sent = async (args: string[], input?: string) =>
    bench.ok(['send', ...args], input === undefined ? {} : { input })

  const forms = [
    await sent(['Duo/a', 'TASK-042: one']),
    await sent(['Duo', 'a', 'STATUS a: two']),
    await sent(['Duo/a', '-'], 'QUESTION from a: three\nand more\n'),
    await sent(['Duo/a'], 'ANSWER: four'),
    await sent(['Duo', 'coordinator', 'COMPLETE a: TASK-042 is done']),
    await sent(['Duo/coordinator', 'BLOCKED a: six']),
    await sent(['Duo', 'words alone']),
    await sent(['Duo/lead', 'words', '--type', 'task']),
  ]
  expect(forms.map(form => [form.deliveries[0].to, form.type])).toEqual([
    ['Duo/a', 'TASK'],
    ['Duo/a', 'STATUS'],
    ['Duo/a', 'QUESTION'],
    ['Duo/a', 'ANSWER'],
    ['Duo/lead', 'COMPLETE'],
    ['Duo/lead', 'BLOCKED'],
    ['Duo/lead', 'NOTE'],
    ['Duo/lead', 'TASK'],
  ])
  for (const form of forms) {
    expect(form).toMatchObject({ from: 'human', id: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(form.deliveries).toEqual([expect.objectContaining({ id: expect.any(String), state: expect.any(String) })])
    await bench.whenDelivery(form.id, form.deliveries[0].to, 'confirmed')
  }
  const lines = await got(bench, 'Duo/a')
  expect(lines.map(line => line.body)).toEqual([
    'TASK-042: one',
    'STATUS a: two',
    'QUESTION from a: three\nand more',
    'ANSWER: four',
  ])
  expect(lines[0]).toMatchObject({ from: 'human', to: 'Duo/a', type: 'TASK', label: 'TASK-042', thread: forms[0].id })
  const trace = await bench.ok(['trace', forms[4].id])
  expect(trace.message).toMatchObject({ label: 'TASK-042', type: 'COMPLETE', from: 'human', to: 'Duo/lead' })

  const toPerson = await bench.ok(['send', 'human', 'BLOCKED: which port?'], asAgent(bench, 'Duo/a'))
  expect(toPerson.deliveries).toMatchObject([{ to: 'human', state: 'queued' }])
  const { agent, messages } = await bench.ok(['inbox'])
  expect(agent).toBe('human')
  expect(messages).toMatchObject([
    { id: toPerson.id, from: 'Duo/a', type: 'BLOCKED', body: 'BLOCKED: which port?', state: 'confirmed' },
  ])
})

it('R-BUS-4 the exit code of --wait tells the truth: 0 reached, 6 never, 7 not in time', async () => {
  await using bench = await Workbench.open({ settings: 'delivery: { confirmTimeout: 1 }' })
  await createTeam(bench, 'Duo', { agents: ['a', 'mute'], drivers: { mute: 'shell' } })
  const wait = (target: string, body: string, goal: string, ...more: string[]) =>
    bench.run(['send', target, body, '--wait', goal, '--json', ...more])

  expect(await wait('Duo/a', 'x', 'handed')).toMatchObject({ code: 0 })
  expect(await wait('Duo/a', 'x', 'confirmed')).toMatchObject({ code: 0 })
  const acked = await wait('Duo/a', 'do=ack', 'acked')
  expect(acked).toMatchObject({ code: 0, json: { deliveries: [{ to: 'Duo/a', state: 'acked' }] } })
  const waiting = await wait('Duo/mute', 'x', 'handed', '--timeout', '300ms')
  expect(waiting).toMatchObject({ code: 7, json: { deliveries: [{ state: 'held' }] } })
  expect(waiting.json.deliveries[0].reason).toContain('takes no messages')
  const unknown = await wait('Duo/a', 'do=silent', 'confirmed', '--timeout', '20s')
  expect(unknown).toMatchObject({ code: 6, json: { deliveries: [{ state: 'unknown' }] } })
  const expired = await wait('Duo/mute', 'x', 'confirmed', '--ttl', '1s', '--timeout', '20s')
  expect(expired).toMatchObject({ code: 6, json: { deliveries: [{ state: 'expired' }] } })
  const spoken = await bench.run(['send', 'Duo/mute', 'x', '--wait', 'handed', '--timeout', '100ms'])
  expect(spoken.stderr).toMatch(/not handed yet: agency trace [0-9a-f]{8}/)
})

it('R-BUS-2 a payload is checked by its type, and what it does not know it keeps', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Code', { agents: ['a'] })
  await createTeam(bench, 'Qa', { agents: ['t'] })
  const payload = { type: 'handoff', task: 'TASK-1', branch: 'b', extra: { deep: [1, 'ü'] }, priority: 'high' }
  const sent = await bench.ok(['send', '--from', 'Code', 'Qa', JSON.stringify(payload), '--wait', 'confirmed'])
  expect(sent).toMatchObject({ from: 'Code/lead', spokenBy: 'human', type: 'handoff', to: 'Qa/lead' })
  expect((await got(bench, 'Qa/lead'))[0]).toMatchObject({ payload, label: 'TASK-1', from: 'Code/lead' })

  const handoff = await bench.ok(
    ['handoff', 'Qa', '--task', 'TASK-2', '--branch', 'x', '--notes', 'n', '--artifact', 'a.js', 'b.js'],
    asAgent(bench, 'Code/lead'),
  )
  expect((await bench.ok(['trace', handoff.id])).message).toMatchObject({
    from: 'Code/lead',
    to: 'Qa/lead',
    label: 'TASK-2',
    payload: {
      type: 'handoff',
      task: 'TASK-2',
      branch: 'x',
      notes: 'n',
      artifacts: ['a.js', 'b.js'],
      priority: 'normal',
    },
  })
  const results = {
    type: 'results',
    task: 'TASK-2',
    status: 'issues_found',
    bugs: [{ at: 'src/x.js' }],
    report: 'r.md',
    severity: 'high',
  }
  const back = await bench.ok(['send', 'Code', JSON.stringify(results)], asAgent(bench, 'Qa/lead'))
  expect((await bench.ok(['trace', back.id])).message).toMatchObject({ type: 'results', payload: results })

  for (const [bad, words] of [
    ['{"type":"results","task":"T","status":"fine"}', /results payload is wrong at status/],
    ['{"type":"handoff"}', /handoff payload is wrong at task/],
    ['{"type":"handoff","task":"T","artifacts":"one"}', /wrong at artifacts/],
    ['{"type":"alert"}', /alert payload is wrong at message/],
    ['{"type":"dance"}', /"dance".*none of handoff/],
    ['{"type":"handoff","task":', /not JSON/],
  ] as const) {
    const ran = await bench.run(['send', 'Qa', bad, '--json'])
    expect(ran, bad).toMatchObject({ code: 2, json: { error: { code: 'BAD_MESSAGE', hint: expect.any(String) } } })
    expect(ran.json.error.message).toMatch(words)
  }
  const clash = await bench.run(['send', 'Qa', JSON.stringify(payload), '--type', 'results', '--json'])
  expect(clash).toMatchObject({ code: 2, json: { error: { code: 'BAD_MESSAGE' } } })
  expect((await bench.run(['handoff', 'Qa', '--json'])).code).toBe(2)
  expect(await bench.run(['send', 'Qa', 'words', '--type', 'handoff', '--json'])).toMatchObject({ code: 2 })
})
