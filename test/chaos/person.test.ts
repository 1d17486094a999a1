import { execa } from 'execa'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { createRehearsal, writeDriver } from '../e2e/rehearsalTeam.ts'
import { endServer, Workbench } from '../e2e/workbench.ts'
import { complaints, promptsOf } from './arrivals.ts'

let bench: Workbench

beforeAll(async () => {
  bench = await Workbench.open()
  await bench.ok(['create', 'Duo', '--agents', 'a,b,c'])
  for (const agent of ['a', 'b', 'c']) await bench.whenAgent(`Duo/${agent}`, 'ready')
}, 60_000)

afterAll(() => bench?.[Symbol.asyncDispose]())

async function sees(pane: string, text: string): Promise<void> {
  const seen = await until(async () => (await bench.tmux('capture-pane', '-p', '-t', pane)).includes(text), {
    timeoutMs: 10_000,
    everyMs: 20,
  })
  expect(seen, `pane ${pane} shows ${text}`).toBe(true)
}

it('R-BUS-4 half-typed text of a person is neither overwritten nor submitted; the message goes when they have cleared it', async () => {
  const { pane } = await bench.agent('Duo/a')
  await bench.tmux('send-keys', '-t', pane, '-l', 'please do not')
  await sees(pane, '❯ please do not')
  const { id } = await bench.ok(['send', 'Duo/a', 'a message'])
  const held = await bench.whenDelivery(id, 'Duo/a', 'held')
  expect(held.deliveries[0].reason).toBe('its composer holds text that is not ours')
  await sees(pane, '❯ please do not')
  expect(promptsOf(await bench.received('Duo/a'))).toEqual([])
  await bench.tmux('send-keys', '-t', pane, 'C-u')
  await bench.whenDelivery(id, 'Duo/a', 'confirmed')
  expect(complaints(await bench.received('Duo/a'), [{ id, body: 'a message' }])).toEqual([])
})

it('R-BUS-4 a pane in copy mode is left alone, and gets its messages when the person leaves it', async () => {
  const { pane } = await bench.agent('Duo/b')
  await bench.tmux('copy-mode', '-t', pane)
  const { id } = await bench.ok(['send', 'Duo/b', 'a message'])
  const held = await bench.whenDelivery(id, 'Duo/b', 'held')
  expect(held.deliveries[0].reason).toBe('its pane is in copy mode')
  await bench.tmux('send-keys', '-t', pane, '-X', 'cancel')
  await bench.whenDelivery(id, 'Duo/b', 'confirmed')
  expect(complaints(await bench.received('Duo/b'), [{ id, body: 'a message' }])).toEqual([])
})

it('R-BUS-4 a resize in the middle of the typing loses and breaks nothing', async () => {
  const before = promptsOf(await bench.received('Duo/b')).length
  const body = 'words that wrap when the window is narrow, '.repeat(12).trim()
  const sizes = ['60', '200', '45', '120']
  const sending = Promise.all([0, 1, 2, 3].map(() => bench.ok(['send', 'Duo/b', body])))
  for (const width of sizes) {
    await bench.tmux('resize-window', '-t', '=Duo:b', '-x', width, '-y', '30')
    await until(async () => (await bench.tmux('display', '-p', '-t', '=Duo:b', '#{pane_width}')) === width, {
      timeoutMs: 5000,
    })
  }
  const sent = (await sending).map(({ id }) => ({ id, body }))
  for (const { id } of sent) await bench.whenDelivery(id, 'Duo/b', 'confirmed')
  expect(
    complaints(
      (await bench.received('Duo/b')).filter(({ text }) => text.includes(body)),
      sent,
    ),
  ).toEqual([])
  expect(promptsOf(await bench.received('Duo/b'))).toHaveLength(before + sent.length)
})

it('R-BUS-4 fifty senders at the same instant: every message whole, once, in the order of acceptance', async () => {
  const bodies = Array.from({ length: 50 }, (_, index) => `message ${index} ${'x'.repeat(index * 15)}.`)
  const sent: { id: string; body: string }[] = []
  const queue = [...bodies]
  const sender = async () => {
    for (let body = queue.shift(); body !== undefined; body = queue.shift()) {
      const { id } = await bench.ok(['send', 'Duo/c', body])
      sent.push({ id, body })
    }
  }
  await Promise.all(Array.from({ length: 10 }, sender))
  const last = await until(async () => complaints(await bench.received('Duo/c'), sent).length === 0, {
    timeoutMs: 40_000,
    everyMs: 200,
  })
  const log = await bench.received('Duo/c')
  expect(complaints(log, sent)).toEqual([])
  expect(last).toBe(true)
  expect(promptsOf(log)).toHaveLength(50)
  const { messages } = await bench.ok(['messages', 'Duo/c', '--limit', '100'])
  const accepted = messages.map((message: { id: string }) => message.id.slice(-8))
  expect(log.filter(({ kind }) => kind === 'prompt').map(({ nonce }) => nonce)).toEqual(accepted)
}, 90_000)

it('R-BUS-4 keys that a person presses between our paste and our Enter, into a program that is slow to show them, are not submitted with it', async () => {
  const env = { AGENCY_REHEARSAL_MISBEHAVE: 'slow:700' }
  // Time between paste and Enter for a key, also on a busy machine.
  await writeDriver(bench, 'patient', profile => profile.replace('pasteWindowMs: 100', 'pasteWindowMs: 4000'))
  await createRehearsal(bench, { name: 'Slow', agents: { one: { driver: 'patient', env } }, rules: [] })
  const { pane } = await bench.agent('Slow/one')
  // A person's own terminal, attached as they would: what is typed there comes through a client.
  const desk = `${bench.socket}-desk`
  const attach = `env -u TMUX tmux -L ${bench.socket} attach -t =Slow:one`
  const person = (...args: string[]) => execa('tmux', ['-L', desk, '-f', '/dev/null', ...args])
  await person('new-session', '-d', '-x', '150', '-y', '40', attach)
  try {
    await until(async () => (await bench.tmux('list-clients', '-t', '=Slow')) !== '', { timeoutMs: 5000 })
    await until(() => false, { timeoutMs: 2500 })
    const { id } = await bench.ok(['send', 'Slow/one', 'a message'])
    await sees(pane, '❯ [human → Slow/one')
    await person('send-keys', '-l', 'y')
    await sees(pane, 'a messagey')
    expect(promptsOf(await bench.received('Slow/one'))).toEqual([])
    await person('send-keys', 'BSpace')
    await bench.whenDelivery(id, 'Slow/one', 'confirmed')
    expect(complaints(await bench.received('Slow/one'), [{ id, body: 'a message' }])).toEqual([])
  } finally {
    await endServer(desk)
  }
})
