import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { packageRoot } from '../../../src/config/workspace.ts'
import type { Driver, Link } from '../../../src/drivers/driver.ts'
import { messageId } from '../../../src/drivers/opencode/messageId.ts'
import { profileDrivers } from '../../../src/drivers/profile.ts'
import { until } from '../../../src/kernel/abort.ts'
import { FakeServer } from './fakeServer.ts'

const PASSWORD = 'only for this start'
const driver: Driver = await profileDrivers([join(packageRoot, 'templates', 'drivers')], {}).get('opencode')

interface Connected {
  readonly link: Link
  readonly fake: FakeServer
  /** States and prompts in the order in which the profile reads them. */
  readonly said: string[]
  /** Its own name of the conversation. */
  conversation(): string | undefined
}

async function connect(
  options: { conversation?: string; before?: (fake: FakeServer) => void } = {},
): Promise<Connected> {
  const fake = await FakeServer.open(PASSWORD)
  options.before?.(fake)
  const said: string[] = []
  let conversation: string | undefined
  const link = await driver.connect!({
    ...{ address: 'Duo/a', instance: 1, runFolder: runFolder(), workdir: '/work', port: fake.port },
    conversation: options.conversation,
    emit: (event, payload) => {
      const reading = driver.readHook(event, payload)
      conversation = reading.conversation ?? conversation
      if (reading.state) said.push(reading.question ?? reading.state.state)
      if (reading.prompt !== undefined) said.push(`prompt ${reading.prompt}`)
    },
    signal: new AbortController().signal,
  })
  onTestFinished(async () => {
    await link[Symbol.asyncDispose]()
    await fake[Symbol.asyncDispose]()
  })
  await when(() => link.obstacle() === undefined)
  return { link, fake, said, conversation: () => conversation }
}

function runFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agency-opencode-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'opencode-password'), PASSWORD)
  return folder
}

async function when(condition: () => boolean): Promise<void> {
  expect(await until(condition, { timeoutMs: 5_000 })).toBe(true)
}

const prompt = { text: '[human → Duo/a · TASK · 1a2b3c4d] hello', sign: '1a2b3c4d]', interrupts: false }
const id = '01a1fe23-e293-7225-b608-ab771a2b3c4d'

it('R-AGY-4 a first start gets a conversation of its own, which its screen is told to show', async () => {
  const { fake, said, conversation } = await connect({ before: it => (it.hangs = 1) })
  expect(conversation()).toBe('ses_1')
  expect(said).toEqual(['ready'])
  await when(() => fake.requests.includes('POST /tui/select-session'))
})

it('R-AGY-5 a start that resumes goes on with its conversation, and leaves the screen alone', async () => {
  const { fake, conversation } = await connect({ conversation: 'ses_old', before: it => it.sessions.add('ses_old') })
  expect(conversation()).toBe('ses_old')
  expect(fake.requests).not.toContain('POST /session')
  expect(fake.requests).not.toContain('POST /tui/select-session')
})

it('R-AGY-5 a conversation that is gone gives way to a new one', async () => {
  const { conversation } = await connect({ conversation: 'ses_gone' })
  expect(conversation()).toBe('ses_1')
})

it('R-BUS-4 a prompt is taken, told of by its event, and found again in the conversation', async () => {
  const { link, fake, said } = await connect()
  expect(await link.submit({ ...prompt, id })).toMatchObject({ kind: 'taken', isProof: false })
  await when(() => said.length === 3)
  expect(said).toEqual(['ready', `prompt ${prompt.text}`, 'busy'])
  expect(fake.messages[0]!.info.id).toMatch(/^msg_[0-9a-f]{12}agency1a2b3c4d$/)
  expect(await link.find('1a2b3c4d]')).toBe('there')
  expect(await link.find('1a2b3c4d · redelivery 2]'.replaceAll(' ', ''))).toBe('nowhere')
})

it('R-BUS-4 a prompt that was taken a moment ago may still be written down: nobody sends it again yet', async () => {
  const { link, fake } = await connect()
  await link.submit({ ...prompt, id })
  fake.messages.length = 0
  expect(await link.find(prompt.sign)).toBe('unknown')
})

it('R-BUS-4 what its server refuses, or what nobody takes, has not left; what it fails at may have', async () => {
  const { link, fake } = await connect()
  fake.refusal = { status: 400, text: 'no such model' }
  expect(await link.submit({ ...prompt, id })).toEqual({ kind: 'refused', reason: 'its server says no: no such model' })
  fake.refusal = { status: 500, text: 'broken' }
  await expect(link.submit({ ...prompt, id })).rejects.toMatchObject({ code: 'ENVIRONMENT' })
  await fake[Symbol.asyncDispose]()
  expect(await link.submit({ ...prompt, id })).toMatchObject({ kind: 'refused' })
})

it('R-BUS-4 a message that interrupts breaks the turn off first', async () => {
  const { link, fake } = await connect()
  await link.submit({ ...prompt, id, interrupts: true })
  expect(fake.requests.slice(-2)).toEqual(['POST /session/ses_1/abort', 'POST /session/ses_1/prompt_async'])
})

it('R-BUS-8 an open permission is a state with its question, whatever its turn says, until it is answered', async () => {
  const { fake, said } = await connect()
  const own = { sessionID: 'ses_1' }
  fake.tell('session.status', { ...own, status: { type: 'busy' } })
  fake.tell('permission.asked', { id: 'per_1', ...own, permission: 'bash', patterns: ['rm -rf build'] })
  fake.tell('session.status', { ...own, status: { type: 'busy' } })
  fake.tell('permission.replied', { ...own, requestID: 'per_1', reply: 'once' })
  fake.tell('session.status', { ...own, status: { type: 'idle' } })
  const question = 'asks for permission: bash rm -rf build'
  await when(() => said.length >= 6)
  expect(said).toEqual(['ready', 'busy', question, question, 'busy', 'ready'])
})

it('R-BUS-8 a limit of its model, and other conversations of the same server, are told apart', async () => {
  const { fake, said } = await connect()
  fake.tell('session.status', { sessionID: 'ses_of_a_subagent', status: { type: 'busy' } })
  fake.tell('session.status', {
    sessionID: 'ses_1',
    status: { type: 'retry', attempt: 1, message: 'rate limit reached', next: 9 },
  })
  fake.tell('session.status', {
    sessionID: 'ses_1',
    status: { type: 'retry', attempt: 1, message: 'connection lost', next: 9 },
  })
  await when(() => said.length >= 3)
  expect(said).toEqual(['ready', 'limited', 'busy'])
})

it('R-BUS-8 when its events break off they are opened again, and what was missed is asked for', async () => {
  const { link, fake, said } = await connect()
  fake.permissions = [{ id: 'per_9', sessionID: 'ses_1', permission: 'edit', patterns: ['a.js'] }]
  fake.status = { ses_1: { type: 'busy' } }
  fake.hangUp()
  await when(() => link.obstacle() !== undefined)
  await when(() => link.obstacle() === undefined)
  expect(said).toEqual(['ready', 'asks for permission: edit a.js'])
})

it('a server that does not know the password, or ends while it is waited for, keeps nobody waiting', async () => {
  await using fake = await FakeServer.open('another')
  const end = new AbortController()
  const context = {
    ...{ address: 'Duo/a', instance: 1, runFolder: runFolder(), workdir: '/work', conversation: undefined },
    ...{ emit: () => undefined, signal: end.signal },
  }
  await expect(driver.connect!({ ...context, port: fake.port })).rejects.toMatchObject({ code: 'ENVIRONMENT' })
  const { port } = fake
  await fake[Symbol.asyncDispose]()
  const waiting = driver.connect!({ ...context, port })
  end.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'ENVIRONMENT' })
})

it('names of messages are in the form and the order of opencode’s own', () => {
  // A message that opencode 1.18 named itself at this moment: msg_1fe14dfc7000…
  expect(messageId(id, 1795264143303)).toBe('msg_1fe14dfc7000agency1a2b3c4d')
  expect(messageId(id, 1795264143304) > messageId(id, 1795264143303)).toBe(true)
})

it('each start has a password of its own, in its environment and in a file, and not among its arguments', () => {
  const context = {
    ...{ address: 'Duo/a', agency: 'Duo', agent: 'a', workdir: '/work', runFolder: '/run dir', workspace: '/ws' },
    ...{ mail: '/ws/registry/mail', isWalled: false },
    ...{ roleFile: '/run dir/brief.md', brief: '', playbook: undefined, conversation: undefined, isResumed: false },
    ...{ instance: 1, port: 4096, command: undefined, extraArgs: [], extraEnv: {} },
  }
  const [first, second] = [driver.launch(context), driver.launch(context)]
  const password = first.env.OPENCODE_SERVER_PASSWORD!
  expect(password).toMatch(/^[0-9a-f]{48}$/)
  expect(first.files['/run dir/opencode-password']).toBe(password)
  expect(first.argv).toEqual(['opencode', '--hostname', '127.0.0.1', '--port', '4096'])
  expect(second.env.OPENCODE_SERVER_PASSWORD).not.toBe(password)
  expect(JSON.parse(first.env.OPENCODE_CONFIG_CONTENT!)).toMatchObject({ instructions: ['/run dir/brief.md'] })
  const resumed = driver.launch({ ...context, conversation: 'ses_1', isResumed: true })
  expect(resumed.argv.slice(-2)).toEqual(['--session', 'ses_1'])
})
