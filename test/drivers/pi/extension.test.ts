import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { packageRoot } from '../../../src/config/workspace.ts'
import { profileDrivers } from '../../../src/drivers/profile.ts'
import { until } from '../../../src/kernel/abort.ts'
import { makeRunFolder, takeEvents } from '../../../src/supervisor/runFolder.ts'
import agency, { type PiContext, type PiEvent } from '../../../templates/drivers/pi/extension.ts'

const driver = await profileDrivers([join(packageRoot, 'templates', 'drivers')], {}).get('pi')
const prompt = { text: '[human → Duo/a · TASK · 1a2b3c4d] hello', sign: '1a2b3c4d]', interrupts: false }

/** What pi is to its extension, with a turn that a test begins and ends. */
class FakePi {
  readonly sent: string[] = []
  readonly told: string[] = []
  aborts = 0
  isBusy = false
  readonly session: string
  readonly prompts: string
  #conversation: string | undefined
  readonly #handlers = new Map<string, (event: PiEvent, context: PiContext) => void>()

  private constructor(
    readonly run: string,
    readonly instance: number,
    private readonly hasModel: boolean,
  ) {
    this.session = join(run, 'session.jsonl')
    this.prompts = join(run, 'prompts', String(instance))
  }

  static async start(run: string, instance = 1, hasModel = true): Promise<FakePi> {
    await makeRunFolder(run)
    const fake = new FakePi(run, instance, hasModel)
    process.env.AGENCY_PROMPTS = fake.prompts
    process.env.AGENCY_EVENTS = join(run, 'events')
    agency({
      on: (event, handler) => fake.#handlers.set(event, handler),
      sendUserMessage: text => fake.sent.push(text),
    })
    fake.fire('session_start')
    onTestFinished(() => fake.fire('session_shutdown'))
    return fake
  }

  fire(event: string, payload: PiEvent = {}): void {
    this.#handlers.get(event)!(payload, {
      model: { provider: 'local' },
      modelRegistry: { hasConfiguredAuth: () => this.hasModel },
      sessionManager: { getSessionFile: () => this.session },
      isIdle: () => !this.isBusy,
      abort: () => this.aborts++,
    })
  }

  /** What the daemon reads, in order. */
  async listen(): Promise<readonly string[]> {
    await takeEvents(this.run, async ({ event, payload }) => {
      const reading = driver.readHook(event, payload)
      this.#conversation = reading.conversation ?? this.#conversation
      if (reading.state) this.told.push(reading.question ?? reading.state.state)
      if (reading.prompt !== undefined) this.told.push(`prompt ${reading.prompt}`)
    })
    return this.told
  }

  get conversation(): string | undefined {
    return this.#conversation
  }

  async submit(id: string, interrupts = false): Promise<void> {
    const link = await driver.connect!({
      ...{ address: 'Duo/a', instance: this.instance, runFolder: this.run, workdir: '/work', port: undefined },
      ...{ conversation: undefined, emit: () => undefined, signal: new AbortController().signal },
    })
    await link.submit({ ...prompt, id, interrupts })
  }
}

function runFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agency-pi-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function when(condition: () => boolean | Promise<boolean>): Promise<void> {
  expect(await until(condition, { timeoutMs: 5_000 })).toBe(true)
}

const user: PiEvent = { message: { role: 'user', content: [{ type: 'text', text: prompt.text }] } }
const answer: PiEvent = { message: { role: 'assistant', content: 'yes' } }

it('R-BUS-4 hands a prompt on, once, takes its file away, and tells when the conversation’s file holds it', async () => {
  const pi = await FakePi.start(runFolder())
  await pi.submit('01')
  await when(() => pi.sent.length === 1 && readdirSync(pi.prompts).length === 0)
  expect(pi.sent).toEqual([prompt.text])
  pi.fire('agent_start')
  pi.fire('message_end', user)
  await new Promise(setImmediate)
  // Killed now, pi would know nothing of it.
  expect(await pi.listen()).toEqual(['ready', 'busy'])
  expect(pi.conversation).toBe(pi.session)
  writeFileSync(pi.session, '{}\n')
  pi.fire('message_end', answer)
  pi.fire('agent_end', { messages: [answer.message!] })
  await when(async () => (await pi.listen()).length === 4)
  expect([...pi.told].sort()).toEqual(['busy', `prompt ${prompt.text}`, 'ready', 'ready'])
})

it('R-BUS-4 events of one moment are read in the order in which they were told', async () => {
  const pi = await FakePi.start(runFolder())
  for (let turn = 0; turn < 20; turn++) {
    pi.fire('agent_start')
    pi.fire('agent_end', { messages: [] })
  }
  const pairs = Array.from({ length: 20 }, () => ['busy', 'ready']).flat()
  expect(await pi.listen()).toEqual(['ready', ...pairs])
})

it('R-BUS-4 what is still being written, or is no prompt, is not handed on', async () => {
  const pi = await FakePi.start(runFolder())
  writeFileSync(join(pi.prompts, '00.json.abc.tmp'), JSON.stringify(prompt))
  writeFileSync(join(pi.prompts, '.01.json'), JSON.stringify(prompt))
  writeFileSync(join(pi.prompts, '02.json'), 'no json')
  await pi.submit('03')
  await when(() => pi.sent.length > 0)
  expect(pi.sent).toEqual([prompt.text])
  expect(readdirSync(pi.prompts).sort()).toEqual(['.01.json', '00.json.abc.tmp'])
})

it('R-BUS-4 R-BUS-8 what an earlier start has not taken is not for the next one', async () => {
  const run = runFolder()
  const first = await FakePi.start(run)
  first.fire('session_shutdown')
  await first.submit('01')
  const second = await FakePi.start(run, 2)
  await second.submit('02')
  await when(() => second.sent.length > 0)
  expect(second.sent).toHaveLength(1)
  expect(existsSync(first.prompts)).toBe(false)
})

it('R-BUS-4 a prompt that interrupts breaks the turn off, and is handed on at its end', async () => {
  const pi = await FakePi.start(runFolder())
  pi.isBusy = true
  await pi.submit('01', true)
  await when(() => pi.aborts > 0)
  expect(pi.sent).toEqual([])
  pi.isBusy = false
  await when(() => pi.sent.length === 1)
})

it('R-BUS-8 a turn that failed goes on, until pi has given up trying again', async () => {
  const pi = await FakePi.start(runFolder())
  const failed = (errorMessage: string) => ({ messages: [{ role: 'assistant', stopReason: 'error', errorMessage }] })
  pi.fire('agent_end', failed('429 rate limit reached'))
  pi.fire('agent_start')
  pi.fire('agent_end', failed('connection lost'))
  expect(await pi.listen()).toEqual(['ready', 'limited', 'busy', 'busy'])
})

it('R-AGY-4 without a model it says what the person has to do, and stands in nobody’s way when it is not ours', async () => {
  const pi = await FakePi.start(runFolder(), 1, false)
  expect((await pi.listen())[0]).toContain('/login')
  delete process.env.AGENCY_EVENTS
  agency({ on: () => expect.fail('it listens'), sendUserMessage: () => undefined })
})

it('R-AGY-4 R-AGY-5 pi is briefed from the file, has a folder for each start, and is resumed by its conversation’s file', () => {
  const context = {
    ...{ address: 'Duo/a', agency: 'Duo', agent: 'a', workdir: '/work', runFolder: '/run dir', workspace: '/ws' },
    ...{ mail: '/ws/registry/mail', isWalled: false },
    ...{ roleFile: '/run dir/brief.md', brief: '', playbook: undefined, conversation: undefined, isResumed: false },
    ...{ instance: 3, port: undefined, command: undefined, extraArgs: [], extraEnv: {} },
  }
  const first = driver.launch(context)
  expect(first.argv).toContain('--append-system-prompt')
  expect(first.argv).not.toContain('--session')
  expect(first.env.AGENCY_PROMPTS).toBe('/run dir/prompts/3')
  const resumed = driver.launch({ ...context, conversation: '/run dir/pi/1.jsonl', isResumed: true })
  expect(resumed.argv.slice(-2)).toEqual(['--session', '/run dir/pi/1.jsonl'])
})
