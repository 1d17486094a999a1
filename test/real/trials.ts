/** What each program is put through, one after the other. A trial returns what it saw, or throws what went wrong. */
import { until } from '../../src/kernel/abort.ts'
import { judge, type Sent, type Verdict } from './judge.ts'
import { BODIES } from './messages.ts'
import { marksLeft } from './spy.ts'
import { AGENT, ROLE_MARK, type Stage } from './stage.ts'

export interface Result {
  startMs?: number
  verdict?: Verdict
  /** Accepted → confirmed, of messages to a program at its prompt; milliseconds. */
  latencies: number[]
}

export interface Trial {
  readonly name: string
  /** Only behind a wall. */
  readonly isForWalls?: boolean
  run(stage: Stage, result: Result): Promise<string>
}

const half = BODIES.length / 2

export const TRIALS: readonly Trial[] = [
  {
    name: 'start and brief',
    async run(stage, result) {
      result.startMs = await stage.start()
      await stage.capture('ready')
      await say(stage, 'hello', 'confirmed')
      const isBriefed = () =>
        stage.server.received.requests.some(({ system, texts, context }) =>
          [system, ...texts, ...context].some(text => text.includes(ROLE_MARK)),
        )
      // On a machine at its limit opencode takes half a minute to its first request.
      if (!(await until(isBriefed, { timeoutMs: 90_000 }))) throw new Error('its role has not reached the model')
      await stage.whenReady(30_000)
      await stage.capture('ready-after-a-turn')
      return stage.dialogs.length > 0 ? `after ${stage.dialogs.join(', ')}` : 'no dialogs'
    },
  },
  {
    name: '30 messages',
    async run(stage, result) {
      const sent: Sent[] = []
      for (const body of BODIES.slice(0, half)) {
        const { id } = await say(stage, body, 'confirmed')
        sent.push({ id, body })
        await stage.whenReady(60_000)
      }
      result.latencies = await Promise.all(sent.map(({ id }) => latency(stage, id)))
      await say(stage, 'SLOW 8', 'confirmed')
      await stage.capture('busy')
      for (const body of BODIES.slice(half)) sent.push({ id: (await say(stage, body)).id, body })
      for (const { id } of sent) await stage.bench.whenDelivery(id, AGENT, 'confirmed')
      const isAll = () => judge(stage.server, sent).lost.length === 0
      await until(isAll, { timeoutMs: 60_000, everyMs: 200 })
      result.verdict = judge(stage.server, sent)
      const { whole, altered, lost, twice } = result.verdict
      const faults = [
        ...altered.map(of => `altered ${of}`),
        ...lost.map(of => `lost ${of}`),
        ...twice.map(of => `twice ${of}`),
      ]
      if (faults.length > 0) throw new Error(faults.join(' | '))
      return `${whole} whole`
    },
  },
  {
    name: 'tool call and dialog',
    async run(stage) {
      const before = stage.dialogs.length
      const { id } = await say(stage, 'TOOL please', 'confirmed')
      const reply = await replyTo(stage, id)
      if (reply.from !== AGENT || reply.body !== 'the answer is 42')
        throw new Error(`the reply is ${JSON.stringify(reply)}`)
      const asked = stage.dialogs.slice(before)
      return asked.length > 0 ? `replied, after ${asked.join(', ')}` : 'replied, nothing was asked'
    },
  },
  {
    name: 'long mail, read inside',
    isForWalls: true,
    async run(stage) {
      const body = 'a long text behind the wall\n'.repeat(4000)
      const said = await answerTo(stage, body)
      if (said !== `read ${body.length - 1} bytes`) throw new Error(`it was answered ${said}`)
      return said
    },
  },
  {
    name: 'spy',
    isForWalls: true,
    async run(stage) {
      const said = await answerTo(stage, 'SPY')
      if (!/^tried \d+, reached:$/.test(said)) throw new Error(said)
      const left = await marksLeft(stage.bench, stage.home)
      if (left.length > 0) throw new Error(`it has written ${left.join(', ')}`)
      const { isolation } = await stage.bench.agent(AGENT)
      if (isolation !== 'bubblewrap') throw new Error(`its isolation is ${isolation}`)
      return said.replace(', reached:', ', reached nothing')
    },
  },
  {
    name: 'send --now',
    async run(stage) {
      await say(stage, 'LONG', 'confirmed')
      const { id } = await say(stage, 'something else', 'confirmed', '--now')
      await stage.whenReady(40_000)
      return `confirmed after ${Math.round(await latency(stage, id))} ms`
    },
  },
  {
    name: 'crash and resume',
    async run(stage) {
      await say(stage, 'SLOW 9', 'confirmed')
      const { pid } = await stage.bench.agent(AGENT)
      process.kill(pid, 'SIGKILL')
      const sent = [{ id: (await say(stage, 'after the crash')).id, body: 'after the crash' }]
      await untilConfirmed(stage, sent[0]!.id)
      // A program may say that it has a prompt before it asks its model.
      await until(() => judge(stage.server, sent).lost.length === 0, { timeoutMs: 20_000, everyMs: 100 })
      const { whole, twice } = judge(stage.server, sent)
      if (whole !== 1 || twice.length > 0) throw new Error(`after the crash it arrived ${whole} times whole`)
      const request = stage.server.received.requests.find(({ texts }) =>
        texts.some(text => text.includes('after the crash')),
      )
      await stage.whenReady(60_000)
      return (request?.turns ?? 0) > 10
        ? 'back with its conversation'
        : `back with ${request?.turns} turns: a new conversation`
    },
  },
  {
    name: 'pane, daemon and tmux server lost',
    async run(stage) {
      const { bench } = stage
      const arrives = async (body: string) => {
        const sent = [{ id: (await say(stage, body, 'confirmed')).id, body }]
        await until(() => judge(stage.server, sent).lost.length === 0, { timeoutMs: 30_000, everyMs: 100 })
        const { whole, twice } = judge(stage.server, sent)
        if (whole !== 1 || twice.length > 0) throw new Error(`${body}: it arrived ${whole} times whole`)
        await stage.whenReady(60_000)
      }
      await bench.tmux('kill-pane', '-t', (await bench.agent(AGENT)).pane)
      await arrives('after the loss of the pane')
      process.kill(await bench.daemonPid(), 'SIGKILL')
      await arrives('after the loss of the daemon')
      await bench.tmux('kill-server').catch(() => undefined)
      const { id } = await say(stage, 'sent to no server')
      // The old server is on its way out for a moment.
      await until(async () => (await bench.run(['up', '--json'], { timeoutMs: 60_000 })).code === 0, {
        timeoutMs: 60_000,
        everyMs: 500,
      })
      await untilConfirmed(stage, id)
      await stage.whenReady(60_000)
      return 'each time back, with every message once'
    },
  },
  {
    name: 'send --queue',
    async run(stage) {
      await say(stage, 'SLOW 7', 'confirmed')
      const sent = [{ id: (await say(stage, 'into your queue', 'confirmed', '--queue')).id, body: 'into your queue' }]
      const { state } = await stage.bench.agent(AGENT)
      await until(() => judge(stage.server, sent).lost.length === 0, { timeoutMs: 60_000, everyMs: 100 })
      const { whole, twice } = judge(stage.server, sent)
      if (whole !== 1 || twice.length > 0) throw new Error(`it arrived ${whole} times whole`)
      await stage.whenReady(60_000)
      return `confirmed after ${await latency(stage, sent[0]!.id)} ms, ${state === 'busy' ? 'while it worked' : 'at the end of its turn'}`
    },
  },
  {
    name: 'errors of the provider',
    async run(stage) {
      for (const body of ['CUT in the middle', 'OVERLOADED', 'UNAUTHORISED']) {
        await say(stage, body, 'confirmed')
        await stage.whenReady(120_000)
      }
      await stage.withoutServer(async () => {
        await say(stage, 'to no model', 'confirmed')
        await stage.capture('no-model-server')
      })
      await stage.whenReady(180_000)
      const sent = [{ id: (await say(stage, 'and after all that', 'confirmed')).id, body: 'and after all that' }]
      await until(() => judge(stage.server, sent).lost.length === 0, { timeoutMs: 30_000, everyMs: 100 })
      if (judge(stage.server, sent).whole !== 1)
        throw new Error('what came after a lost server has not reached the model')
      await stage.whenReady(60_000)
      return 'goes on after a cut stream, 529, 401 and a lost server'
    },
  },
  {
    name: 'usage limit',
    async run(stage) {
      await say(stage, 'LIMIT', 'confirmed')
      const seen = await until(
        async () => {
          const agent = await stage.bench.agent(AGENT)
          if (agent.state === 'waiting') await stage.answer()
          return agent.state === 'limited' && agent
        },
        { timeoutMs: 25_000, everyMs: 200 },
      )
      await stage.capture('limited')
      if (!seen) {
        const { state, rule } = await stage.bench.agent(AGENT)
        return `${state} (${rule})`
      }
      const { id } = await say(stage, 'later')
      const trace = await stage.bench.whenDelivery(id, AGENT, 'held')
      return `limited${seen.limitedUntil ? ` until ${seen.limitedUntil}` : ''}; what follows is held: ${trace.deliveries[0].reason}`
    },
  },
]

/** What the program's tool call has replied to a task. */
async function answerTo(stage: Stage, body: string): Promise<string> {
  const { id } = await say(stage, body, 'confirmed', '--type', 'TASK')
  return (await replyTo(stage, id)).body
}

/** Says yes to what is asked until the reply is there. */
async function replyTo(stage: Stage, id: string): Promise<{ from: string; body: string }> {
  const reply = await until(
    async () => {
      if ((await stage.bench.agent(AGENT)).state === 'waiting') await stage.answer()
      const { messages } = await stage.bench.ok(['inbox', '--peek'])
      return messages.find((message: { replyTo?: string }) => message.replyTo === id)
    },
    { timeoutMs: 60_000, everyMs: 200 },
  )
  if (!reply) throw new Error(`no reply came: ${(await stage.screen()).slice(-500)}`)
  await stage.whenReady(30_000)
  return reply
}

/** With a goal it waits until the program is known to have it, and answers what is asked meanwhile. */
async function say(stage: Stage, body: string, goal?: 'confirmed', ...options: string[]): Promise<{ id: string }> {
  const type = options.includes('--type') ? [] : ['--type', 'NOTE']
  const args = ['send', AGENT, '-', ...type, ...options, '--json']
  const ran = await stage.bench.run(args, { input: body, timeoutMs: 60_000 })
  if (ran.code !== 0) throw new Error(`send ended with ${ran.code}: ${ran.stdout} ${ran.stderr}`)
  if (goal) await untilConfirmed(stage, ran.json.id)
  return ran.json
}

/** As long as a program may need that has to start again. */
async function untilConfirmed(stage: Stage, id: string): Promise<void> {
  let last = ''
  const isThere = await until(
    async () => {
      if ((await stage.bench.agent(AGENT)).state === 'waiting') await stage.answer()
      const [delivery] = (await stage.bench.ok(['trace', id])).deliveries
      last = `${delivery.state}${delivery.reason ? ` (${delivery.reason})` : ''}`
      // A program that answers at once has acknowledged it before anybody looks.
      return ['confirmed', 'acked'].includes(delivery.state)
    },
    { timeoutMs: 90_000, everyMs: 150 },
  )
  if (!isThere)
    throw new Error(`a message was not confirmed, but ${last}: ${(await stage.screen()).trim().slice(-400)}`)
}

async function latency(stage: Stage, id: string): Promise<number> {
  const { deliveries } = await stage.bench.ok(['trace', id])
  const { events } = deliveries[0] as { events: { at: string; state: string }[] }
  const confirmed = events.find(({ state }) => state === 'confirmed')
  return Date.parse(confirmed!.at) - Date.parse(events[0]!.at)
}
