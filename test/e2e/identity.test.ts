import { writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { asAgent, createTeam } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

it('R-BUS-8 a token speaks as its owner, a coordinator for its agency, the person for anyone, and that is recorded', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Code', { agents: ['a', 'b'] })
  await createTeam(bench, 'Qa', { agents: ['t'] })
  const as = (address: string, ...args: string[]) => bench.run([...args, '--json'], asAgent(bench, address))
  const refused = async (address: string, ...args: string[]) => {
    const ran = await as(address, ...args)
    expect(ran, `${address}: ${args.join(' ')}`).toMatchObject({
      code: 5,
      json: { error: { hint: expect.any(String) } },
    })
    return ran.json.error
  }

  const own = await as('Code/a', 'send', 'Code/b', 'QUESTION from human: am I human?')
  expect(own.json).toMatchObject({ from: 'Code/a' })
  expect(own.json.spokenBy).toBeUndefined()
  expect((await as('Code/lead', 'send', '--from', 'Code', 'Qa', 'x')).json).toMatchObject({ from: 'Code/lead' })
  expect((await as('Code/a', 'send', '--from', 'Code/a', 'Code/b', 'x')).json).toMatchObject({ from: 'Code/a' })

  await refused('Code/a', 'send', '--from', 'Code', 'Qa', 'x')
  await refused('Code/a', 'send', '--from', 'Code/b', 'Code/lead', 'x')
  await refused('Code/lead', 'send', '--from', 'Qa', 'Qa/t', 'x')
  await refused('Code/lead', 'send', '--from', 'Code/a', 'Code/b', 'x')
  expect((await refused('Code/a', 'send', '--from', 'human', 'Code/b', 'x')).message).toContain(
    'may not speak as human',
  )

  const spoken = await bench.ok(['send', '--from', 'Code/a', 'Code/b', 'x'])
  expect(spoken).toMatchObject({ from: 'Code/a', spokenBy: 'human' })
  expect((await bench.ok(['trace', spoken.id])).message).toMatchObject({ from: 'Code/a', spokenBy: 'human' })
  expect((await bench.run(['trace', spoken.id])).stdout).toContain('spoken by human')

  for (const args of [
    ['create', 'Own', '--agents', 'x'],
    ['stop', 'Code/b'],
    ['start', 'Code'],
    ['restart', 'Code/a'],
    ['remove', 'Qa'],
    ['down'],
    ['dead', 'purge'],
    ['dead', 'requeue', spoken.id],
    ['inbox', 'human'],
    ['inbox', 'Code/b'],
    ['ack', spoken.id],
  ])
    await refused('Code/a', ...args)
  expect((await bench.ok(['list'])).agencies.map((agency: { name: string }) => agency.name)).toEqual(['Code', 'Qa'])
  expect((await bench.agent('Code/b')).state).not.toBe('stopped')
})

it('R-BUS-8 a pane without its token, with a strange one, or with the person’s is refused', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Code', { agents: ['a'] })
  const send = (env: Record<string, string>) => bench.run(['send', 'Code', 'x', '--json'], { env })
  const missing = { code: 5, json: { error: { code: 'NO_TOKEN', hint: expect.any(String) } } }
  expect(await send({ AGENCY_AGENT: 'Code/a' })).toMatchObject(missing)
  expect(await send({ AGENCY_AGENT: 'Code/a', AGENCY_TOKEN_FILE: bench.file('nothing') })).toMatchObject(missing)
  await writeFile(bench.file('strange'), `${'ab'.repeat(32)}\n`)
  expect(await send({ AGENCY_AGENT: 'Code/a', AGENCY_TOKEN_FILE: bench.file('strange') })).toMatchObject(missing)
  await writeFile(bench.file('strange'), 'no token at all')
  expect(await send({ AGENCY_AGENT: 'Code/a', AGENCY_TOKEN_FILE: bench.file('strange') })).toMatchObject(missing)

  const { pane } = await bench.agent('Code/a')
  const [socket, pid] = (await bench.tmux('display-message', '-p', '#{socket_path} #{pid}')).split(' ')
  const inPane = { TMUX: `${socket},${pid},0`, TMUX_PANE: pane }
  const disguised = await send({ ...inPane, AGENCY_TOKEN_FILE: bench.file('registry', 'tokens', 'human') })
  expect(disguised).toMatchObject({ code: 5, json: { error: { code: 'NOT_ALLOWED' } } })
  expect(disguised.json.error.message).toContain('the pane of Code/a')
  expect(await send(inPane)).toMatchObject({ code: 5 })
  // The window `tools` is the person's own.
  const tools = await bench.tmux('list-panes', '-t', '=Code:tools', '-F', '#{pane_id}')
  expect(await send({ ...inPane, TMUX_PANE: tools })).toMatchObject({ code: 0, json: { from: 'human' } })
  expect(await until(async () => (await bench.ok(['messages'])).messages.length === 1, { timeoutMs: 2000 })).toBe(true)
})
