/** Every route of the API in one table: method, path, what it takes, what it does. */
import { z } from 'zod'
import type { App } from '../app.ts'
import { withDeadline } from '../kernel/abort.ts'
import { AgencyError } from '../kernel/errors.ts'
import { DELIVERY_STATES } from '../model/delivery.ts'
import { checkType, WHILE_BUSY } from '../model/message.ts'
import type { MessageFilter } from '../storage/store.ts'
import {
  showAgency,
  showAtAGlance,
  showInboxItem,
  showListed,
  showMessage,
  showSent,
  showTracedDelivery,
} from './shapes.ts'

export interface Call<Input> {
  readonly app: App
  /** Owner of the token. */
  readonly caller: string
  readonly params: Readonly<Record<string, string>>
  readonly input: Input
  readonly signal: AbortSignal
  /** Writes one line of a stream, or one step of something long. */
  readonly emit: (line: unknown) => Promise<void>
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly input: z.ZodType
  readonly run: (call: Call<never>) => Promise<unknown>
}

function route<S extends z.ZodType>(
  method: Route['method'],
  path: string,
  input: S,
  run: (call: Call<z.infer<S>>) => Promise<unknown>,
): Route {
  return { method, path, input, run: run as Route['run'] }
}

const none = z.object({}).loose()
const priority = z.enum(['low', 'normal', 'high', 'urgent'])
const goal = z.enum(['handed', 'confirmed', 'acked'])
const flag = z.union([
  z.boolean(),
  z.enum(['1', 'true', '0', 'false']).transform(text => text === '1' || text === 'true'),
])
const timeoutMs = z.coerce.number().min(0).max(86_400_000).default(30_000)

const contentFields = {
  body: z.string().optional(),
  payload: z.unknown().optional(),
  type: z.string().max(40).optional(),
  priority: priority.optional(),
  ttl: z.number().positive().max(31_536_000).optional(),
  idempotencyKey: z.string().min(1).max(200).optional(),
  ack: z.boolean().optional(),
  whileBusy: z.enum(WHILE_BUSY).optional(),
}
const waitFields = { wait: goal.optional(), timeoutMs }
const sendInput = z.strictObject({
  ...contentFields,
  ...waitFields,
  id: z.string().optional(),
  to: z.string().min(1).max(300),
  from: z.string().max(300).optional(),
  replyTo: z.string().max(40).optional(),
  nudge: z.boolean().optional(),
  isBroadcast: z.boolean().optional(),
})

type Sending = Pick<z.infer<typeof sendInput>, 'wait' | 'timeoutMs'>

async function send(
  { app, signal }: Pick<Call<unknown>, 'app' | 'signal'>,
  accept: Promise<Awaited<ReturnType<App['send']>>>,
  { wait, timeoutMs }: Sending,
) {
  const accepted = await accept
  const deliveries = wait
    ? await withDeadline(timeoutMs, [signal], deadline => app.settled(accepted.deliveries, wait, deadline))
    : accepted.deliveries
  return showSent(accepted.message, deliveries, accepted.isDuplicate)
}

const targetInput = z.strictObject({ target: z.string().min(1).max(200) })

const hookInput = z.strictObject({ event: z.string().regex(/^[A-Za-z]{1,64}$/), payload: z.unknown() })
export type HookInput = z.infer<typeof hookInput>
export const hookRoute = route('POST', '/v1/hook', hookInput, async ({ app, caller, input }) => {
  await app.hook(caller, input.event, input.payload)
  return {}
})

export const routes: readonly Route[] = [
  route('POST', '/v1/messages', sendInput, call => {
    const { wait, timeoutMs, ...draft } = call.input
    return send(call, call.app.send(call.caller, { ...draft, ack: draft.ack ?? wait === 'acked' }), { wait, timeoutMs })
  }),
  route('POST', '/v1/messages/:id/reply', z.strictObject({ ...contentFields, ...waitFields }), call => {
    const { wait, timeoutMs, ...draft } = call.input
    return send(call, call.app.reply(call.caller, call.params.id!, draft), { wait, timeoutMs })
  }),
  route('GET', '/v1/messages/:id/answer', z.object({ timeoutMs }), async ({ app, caller, params, input, signal }) => {
    const { message } = await app.find(params.id!)
    const answer = await withDeadline(input.timeoutMs, [signal], deadline => app.answer(caller, message.id, deadline))
    if (answer) return showMessage(answer)
    throw new AgencyError('TIMED_OUT', `no answer to ${params.id} within ${input.timeoutMs / 1000} s`, {
      hint: `agency trace ${params.id}`,
    })
  }),
  route('GET', '/v1/messages/:id', none, async ({ app, params }) => {
    const { message, deliveries, replies } = await app.trace(params.id!)
    return {
      message: showMessage(message),
      deliveries: deliveries.map(showTracedDelivery),
      replies: replies.map(showMessage),
    }
  }),
  route('POST', '/v1/messages/:id/ack', none, async ({ app, caller, params }) => ({
    id: params.id,
    deliveries: (await app.settle(caller, params.id!, { event: 'ack' })).map(({ to, state }) => ({ to, state })),
  })),
  route(
    'POST',
    '/v1/messages/:id/nak',
    z.object({ delayMs: z.number().min(0).max(86_400_000).default(0) }),
    async ({ app, caller, params, input }) => ({
      id: params.id,
      deliveries: (await app.settle(caller, params.id!, { event: 'nak', delayMs: input.delayMs })).map(
        ({ to, state }) => ({ to, state }),
      ),
    }),
  ),
  route(
    'GET',
    '/v1/messages',
    z.object({
      involving: z.string().optional(),
      agency: z.string().optional(),
      type: z.string().optional(),
      state: z.enum(DELIVERY_STATES).optional(),
      thread: z.string().optional(),
      sinceMs: z.coerce.number().optional(),
      after: z.coerce.number().optional(),
      limit: z.coerce.number().int().min(1).max(10_000).default(50),
      follow: flag.optional(),
    }),
    async ({ app, input, signal, emit }) => {
      const { limit, follow, ...rest } = input
      const filter = await app.knownFilter({
        ...rest,
        type: rest.type === undefined ? undefined : checkType(rest.type),
        thread: rest.thread === undefined ? undefined : (await app.find(rest.thread)).message.thread,
      })
      const listed = await app.messages(filter, limit)
      if (!follow) return { messages: listed.map(showListed) }
      await followMessages(app, filter, listed, { signal, emit })
      return undefined
    },
  ),
  route(
    'POST',
    '/v1/inbox',
    z.strictObject({
      agent: z.string().optional(),
      peek: z.boolean().default(false),
      all: z.boolean().default(false),
      limit: z.number().int().min(1).max(1000).default(100),
    }),
    async ({ app, caller, input }) => {
      const items = await app.readInbox(caller, input.agent, {
        isPeek: input.peek,
        includeRead: input.all,
        limit: input.limit,
      })
      return { agent: input.agent ?? caller, messages: items.map(showInboxItem) }
    },
  ),
  route('GET', '/v1/dead', none, async ({ app }) => ({ deliveries: (await app.dead()).map(showInboxItem) })),
  route('POST', '/v1/dead/:id/requeue', none, async ({ app, caller, params }) => ({
    id: params.id,
    deliveries: (await app.requeue(caller, params.id!)).map(({ id, to, state }) => ({ id, to, state })),
  })),
  route('DELETE', '/v1/dead', none, async ({ app, caller }) => ({ purged: await app.purgeDead(caller) })),

  route('GET', '/v1/status', none, async ({ app }) => ({
    daemon: {
      pid: process.pid,
      version: app.version,
      workspace: app.workspaceRoot,
      uptimeMs: Math.round(process.uptime() * 1000),
    },
    agencies: (await app.status()).map(showAgency),
  })),
  route('GET', '/v1/templates', none, async ({ app }) => ({ templates: await app.templates() })),
  route('GET', '/v1/explain', z.object({ agent: z.string().min(1) }), async ({ app, input }) => {
    const { waiting, ...rest } = await app.explain(input.agent)
    return { ...rest, waiting: waiting.map(showAtAGlance) }
  }),
  route('GET', '/v1/dialog', z.object({ agent: z.string().min(1) }), ({ app, input }) => app.dialog(input.agent)),
  route(
    'POST',
    '/v1/dialog',
    z.strictObject({ agent: z.string().min(1), choice: z.string().min(1).max(200) }),
    ({ app, caller, input }) => app.answerDialog(caller, input.agent, input.choice),
  ),
  route('GET', '/v1/drivers', none, async ({ app }) => ({ drivers: await app.drivers() })),
  route('GET', '/v1/drivers/:name', none, ({ app, params }) => app.driver(params.name!)),
  route(
    'POST',
    '/v1/drivers/:name/test',
    z.strictObject({ seconds: z.number().min(1).max(600).default(30), args: z.array(z.string()).default([]) }),
    ({ app, caller, params, input, signal, emit }) =>
      app.testDriver(caller, params.name!, { ...input, signal, tell: line => void emit(line) }),
  ),
  route('GET', '/v1/doctor', none, ({ app }) => app.doctor()),
  hookRoute,

  route(
    'POST',
    '/v1/agencies',
    z.strictObject({
      name: z.string().max(400),
      cwd: z.string(),
      template: z.string().optional(),
      agents: z.array(z.string()).optional(),
      coordinator: z.string().optional(),
      capabilities: z.array(z.string()).optional(),
      drivers: z.array(z.string()).optional(),
      repo: z.string().optional(),
    }),
    ({ app, caller, input, emit }) => app.create(caller, input, step => void emit({ progress: step })),
  ),
  route('DELETE', '/v1/agencies/:name', none, ({ app, caller, params, emit }) =>
    app.remove(caller, params.name!, step => void emit({ progress: step })),
  ),
  ...(['start', 'stop', 'restart'] as const).map(verb =>
    route('POST', `/v1/${verb}`, targetInput, async ({ app, caller, input, emit }) => {
      await app[verb](caller, input.target, step => void emit({ progress: step }))
      return { target: input.target, done: verb }
    }),
  ),
  route('POST', '/v1/up', z.strictObject({ target: z.string().optional() }), async ({ app, caller, input, emit }) => ({
    agencies: await app.up(caller, input.target, step => void emit({ progress: step })),
  })),
  route('POST', '/v1/down', none, async ({ app, caller, emit }) => ({
    agencies: await app.down(caller, step => void emit({ progress: step })),
  })),
]

/** Those listed, and then each new one, until the reader goes away. Nothing is missed: the order of acceptance is the cursor. */
async function followMessages(
  app: App,
  filter: MessageFilter,
  listed: Awaited<ReturnType<App['messages']>>,
  { signal, emit }: { signal: AbortSignal; emit: Call<unknown>['emit'] },
): Promise<void> {
  let after = filter.after ?? 0
  let news = listed
  for (;;) {
    const heard = nextMessage(app, signal)
    try {
      for (const message of news) {
        await emit(showListed(message))
        after = message.seq
      }
      news = await app.messages({ ...filter, after }, 500)
      if (news.length === 0) await heard.promise
    } finally {
      heard.stop()
    }
    if (signal.aborted) return
  }
}

/** `promise` resolves with the next message, when the signal aborts, or by `stop`; nothing that listens stays behind. */
function nextMessage(app: App, signal: AbortSignal): { promise: Promise<void>; stop: () => void } {
  let stop = () => {}
  const promise = new Promise<void>(resolve => {
    const off = app.onMessage(() => stop())
    stop = () => {
      off()
      signal.removeEventListener('abort', stop)
      resolve()
    }
    signal.addEventListener('abort', stop)
  })
  return { promise, stop }
}
