import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Roster } from '../../src/agencies/roster.ts'
import { parseSettings } from '../../src/config/settings.ts'
import { workspaceAt } from '../../src/config/workspace.ts'
import { newId } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { Notices } from '../../src/notices/notices.ts'
import { SqliteEngine } from '../../src/storage/sqlite/engine.ts'
import type { Terminal } from '../../src/terminal/terminal.ts'
import { inThisThread, temporaryFolder } from '../storage/sqlite/setup.ts'
import { message } from '../storage/store.suite.ts'
import { isSigned, openReceiver, type Receiver } from './receiver.ts'

const SECRET = 'a secret of thirty-two characters'
const NOON = Date.parse('2026-11-21T12:00:00Z')
const MINUTE = 60_000

/** Notices on a store, at a time of the test's own; the terminal belongs to the end-to-end test. */
async function stage(settings: string, env: NodeJS.ProcessEnv = {}) {
  const root = temporaryFolder()
  await writeFile(join(root, 'secret'), `${SECRET}\n`)
  const store = inThisThread(new SqliteEngine(join(root, 'agency.db')))
  onTestFinished(() => store[Symbol.asyncDispose]())
  const time = { now: NOON }
  const parts = {
    workspace: workspaceAt(root),
    settings: parseSettings(`notices: { tmux: false, bell: false, ${settings} }`, 'agency.yaml'),
    store,
    roster: new Roster(store),
    terminal: {} as Terminal,
    clock: { now: () => time.now },
    log: silentLog(),
    env,
  }
  const signal = new AbortController().signal
  const daemon = () => {
    const notices = new Notices(parts)
    return {
      notices,
      tick: async () => {
        await notices.tick(signal)
        await notices.settle()
      },
    }
  }
  const ask = (words: string) =>
    store.accept(message({ id: newId(), from: 'Code/a', to: 'human', type: 'QUESTION', body: words, at: time.now }), [
      { to: 'human', kind: 'direct' },
    ])
  return { root, store, time, daemon, ask, signal }
}

const webhook = ({ url }: Receiver) => `desktop: false, webhook: { url: "${url}", secretFile: secret, timeout: 0.5 }`

it('R-APR-2 a webhook is posted once for ten things in a second, signed over its time and body, each thing with an id', async () => {
  await using receiver = await openReceiver()
  const { time, daemon, ask } = await stage(webhook(receiver))
  const { tick } = daemon()
  await tick()
  for (let number = 0; number < 10; number++) await ask(`QUESTION a: number ${number}\u001b[2J?`)
  await tick()
  expect(receiver.received).toEqual([])
  time.now += 1_000
  await tick()
  await tick()
  const [got, ...more] = receiver.received
  expect(more).toEqual([])
  expect(isSigned(got!, SECRET)).toBe(true)
  expect(isSigned({ ...got!, text: got!.text.replace('number 1', 'number 2') }, SECRET)).toBe(false)
  expect(isSigned({ ...got!, headers: { ...got!.headers, 'x-agency-timestamp': '1' } }, SECRET)).toBe(false)
  expect(got!.headers['x-agency-timestamp']).toBe(String(time.now / 1000))
  expect(got!.body).toMatchObject({ count: 10, title: '10 messages ask you', summary: false, urgent: false })
  expect(new Set(got!.body.items.map(({ id }: { id: string }) => id)).size).toBe(10)
  expect(got!.body.items[3].text).toBe('Code/a: QUESTION a: number 3\ufffd[2J?')
})

it('R-APR-2 a webhook that fails is tried again later with the same id, shown by doctor, and across daemons until it is taken', async () => {
  await using receiver = await openReceiver()
  const { time, daemon, ask } = await stage(webhook(receiver))
  const first = daemon()
  await first.tick()
  receiver.answer = response => response.writeHead(503).end()
  await ask('QUESTION a: which port?')
  time.now += 1_000
  await first.tick()
  await first.tick()
  expect(receiver.received).toHaveLength(1)
  const [finding] = await first.notices.findings()
  expect(finding).toMatchObject({ level: 'warn', hint: 'agency notify test webhook' })
  expect(finding?.what).toMatch(/the webhook for notices fails: http:\/\/127.0.0.1:\d+ answered 503; 1 wait/)
  expect(JSON.stringify(await first.notices.findings())).not.toContain('nobody-elses')
  // Longer than the receiver may take, and then a place that the signed words are not for.
  receiver.answer = () => undefined
  time.now += 10_000
  await first.tick()
  receiver.answer = response => response.writeHead(307, { location: receiver.url }).end()
  time.now += 10_000
  await first.tick()
  expect(receiver.received).toHaveLength(3)
  const second = daemon()
  receiver.answer = response => response.writeHead(204).end()
  time.now += 60_000
  await second.tick()
  await second.tick()
  expect(receiver.received).toHaveLength(4)
  expect(new Set(receiver.received.map(({ headers }) => headers['x-agency-id'])).size).toBe(1)
  expect(await second.notices.findings()).toMatchObject([{ level: 'ok' }])
  const third = daemon()
  time.now += 60_000
  await third.tick()
  expect(receiver.received).toHaveLength(4)
})

it('116 R-APR-2 what a webhook may have got goes again as it was, before what came later and by another daemon too', async () => {
  await using receiver = await openReceiver()
  const { time, daemon, ask } = await stage(webhook(receiver))
  const first = daemon()
  await first.tick()
  receiver.answer = response => response.writeHead(503).end()
  await ask('QUESTION a: one?')
  await ask('QUESTION a: two?')
  time.now += 1_000
  await first.tick()
  // Later things come while it fails, and while no daemon runs.
  await ask('QUESTION a: three?')
  time.now += 60_000
  await first.tick()
  const second = daemon()
  await ask('QUESTION a: four?')
  time.now += 60_000
  await second.tick()
  expect(receiver.received.map(({ body }) => body.count)).toEqual([2, 2, 2])
  expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1)
  receiver.answer = response => response.writeHead(204).end()
  time.now += 300_000
  await second.tick()
  time.now += 5_000
  await second.tick()
  await second.tick()
  const [, , , again, rest, ...more] = receiver.received
  expect([again!.text, more]).toEqual([receiver.received[0]!.text, []])
  expect(rest!.body.items.map(({ text }: { text: string }) => text)).toEqual([
    'Code/a: QUESTION a: three?',
    'Code/a: QUESTION a: four?',
  ])
  expect(rest!.headers['x-agency-id']).not.toBe(again!.headers['x-agency-id'])
})

it('116 R-APR-2 a daemon that ends before it heard the answer leaves the next one the same id', async () => {
  await using receiver = await openReceiver()
  const { time, daemon, ask } = await stage(webhook(receiver))
  const first = daemon()
  await first.tick()
  await ask('QUESTION a: one?')
  time.now += 1_000
  const end = new AbortController()
  receiver.answer = () => end.abort()
  await first.notices.tick(end.signal)
  await first.notices.settle()
  expect(receiver.received).toHaveLength(1)
  receiver.answer = response => response.writeHead(200).end()
  await ask('QUESTION a: two?')
  time.now += 60_000
  const second = daemon()
  await second.tick()
  time.now += 6_000
  await second.tick()
  expect(receiver.received.map(({ body }) => body.count)).toEqual([1, 1, 1])
  expect(receiver.received[1]!.text).toBe(receiver.received[0]!.text)
  // Nothing is promised any more once it was told.
  time.now += 60_000
  await daemon().tick()
  expect(receiver.received).toHaveLength(3)
})

it('116 R-APR-2 what nobody takes for a day is told no more', async () => {
  await using receiver = await openReceiver()
  const { time, daemon, ask } = await stage(webhook(receiver))
  const { tick } = daemon()
  await tick()
  receiver.answer = response => response.writeHead(503).end()
  await ask('QUESTION a: one?')
  time.now += 1_000
  await tick()
  time.now += 86_400_000
  await ask('QUESTION a: two?')
  time.now += 2_000
  await tick()
  receiver.answer = response => response.writeHead(200).end()
  time.now += 600_000
  await daemon().tick()
  expect(receiver.received.at(-1)!.body.items.map(({ text }: { text: string }) => text)).toEqual([
    'Code/a: QUESTION a: two?',
  ])
})

it('R-APR-2 quiet hours hold the webhook, let through what is urgent, and sum up at their end', async () => {
  await using receiver = await openReceiver()
  const { time, store, daemon, ask } = await stage(`${webhook(receiver)}, quiet: "12:30-13:00", timeZone: UTC`)
  const { tick, notices } = daemon()
  await tick()
  time.now = NOON + 31 * MINUTE
  await ask('QUESTION a: first?')
  await ask('QUESTION a: second?')
  const payload = { type: 'notice', about: 'main', state: 'ungated', text: 'main moved without an approval' }
  const notice = { from: 'system', to: 'human', type: 'notice' as const, payload, body: JSON.stringify(payload) }
  await store.accept(message({ id: newId(), ...notice, at: time.now }), [{ to: 'human', kind: 'direct' }])
  time.now += 2_000
  await tick()
  await tick()
  expect(receiver.received.map(({ body }) => body.title)).toEqual(['main moved without an approval'])
  expect(await notices.standing()).toMatchObject({
    quiet: { isNow: true, timeZone: 'UTC' },
    ways: { 3: { waiting: 2 } },
  })
  time.now = NOON + 60 * MINUTE
  await tick()
  await tick()
  expect(receiver.received.map(({ body }) => body.title)).toEqual([
    'main moved without an approval',
    'while it was quiet: 2 messages ask you',
  ])
  expect(receiver.received[1]!.body).toMatchObject({ summary: true, count: 2 })
})

it('R-APR-2 without its secret a webhook is never posted unsigned, and the secret is in no word that is shown', async () => {
  await using receiver = await openReceiver()
  const none = await stage(`desktop: false, webhook: { url: "${receiver.url}" }`)
  const tried = await none.daemon().notices.test('human', 'webhook', none.signal)
  expect(tried).toEqual([{ way: 'webhook', outcome: 'failed', detail: expect.stringContaining('secretFile') }])
  expect(receiver.received).toEqual([])
  const byEnv = await stage(`desktop: false, webhook: { url: "${receiver.url}", secretEnv: HOOK_SECRET }`, {
    HOOK_SECRET: SECRET,
  })
  const { notices } = byEnv.daemon()
  const shown = [
    await notices.test('human', undefined, byEnv.signal),
    await notices.standing(),
    await notices.findings(),
  ]
  expect(isSigned(receiver.received[0]!, SECRET)).toBe(true)
  expect(JSON.stringify(shown)).not.toContain(SECRET)
  await expect(async () => notices.test('Code/a', undefined, byEnv.signal)).rejects.toMatchObject({
    code: 'NOT_ALLOWED',
  })
})

it('R-APR-2 the desktop is told where there is one, in plain words, and skipped with the reason where there is none', async () => {
  const { env, shown } = await desktop()
  const { time, daemon, ask, signal } = await stage('desktop: true', env)
  const { notices, tick } = daemon()
  await tick()
  await ask('QUESTION a: is <b>2 & 3</b> fine?')
  time.now += 1_500
  await tick()
  const args = (await readFile(shown, 'utf8')).trim().split('\n')
  expect(args.slice(0, 3)).toEqual(['--app-name=Agency', '--urgency=normal', '--'])
  expect(args[3]).toBe('Agency: Code/a: QUESTION a: is <b>2 & 3</b> fine?')
  expect(args[4]).toBe('Code/a: QUESTION a: is &lt;b&gt;2 &amp; 3&lt;/b&gt; fine?')
  expect(await notices.standing()).toMatchObject({ ways: { 2: { way: 'desktop', state: 'on' } } })
  const bare = await stage('desktop: true', { PATH: '/nowhere', DISPLAY: ':0' })
  expect(await bare.daemon().notices.test('human', 'desktop', signal)).toEqual([
    { way: 'desktop', outcome: 'skipped', detail: expect.stringContaining('notify-send is not installed') },
  ])
})

/** A desktop with a notify-send that writes down what it is given. */
async function desktop(): Promise<{ env: NodeJS.ProcessEnv; shown: string }> {
  const folder = temporaryFolder()
  const shown = join(folder, 'shown')
  await writeFile(join(folder, 'notify-send'), `#!/bin/sh\nprintf '%s\\n' "$@" >>'${shown}'\n`)
  await chmod(join(folder, 'notify-send'), 0o755)
  return { env: { PATH: `${folder}:/usr/bin:/bin`, DISPLAY: ':0' }, shown }
}
