/** Routes of messages: sent, answered, traced, listed, read, requeued. */
import { z } from 'zod'
import type { App } from '../../app.ts'
import { withDeadline } from '../../kernel/abort.ts'
import { AgencyError } from '../../kernel/errors.ts'
import { DELIVERY_STATES } from '../../model/delivery.ts'
import { contentFields, draftFields } from '../../model/draft.ts'
import { checkType } from '../../model/message.ts'
import { type Call, flag, none, type Route, route, timeoutMs } from '../route.ts'
import { showInboxItem, showListed, showMessage, showSent, showTracedDelivery } from '../shapes.ts'

const goal = z.enum(['handed', 'confirmed', 'acked'])
const waitFields = { wait: goal.optional(), timeoutMs }
/** An id of the sender's own: said again, it is the same message. */
const idField = { id: z.string().optional() }
const sendInput = z.strictObject({ ...draftFields, ...waitFields, ...idField })

type Sending = Pick<z.infer<typeof sendInput>, 'wait' | 'timeoutMs'>

async function send(
  { app, signal }: Pick<Call<unknown>, 'app' | 'signal'>,
  accept: Promise<Awaited<ReturnType<App['messages']['send']>>>,
  { wait, timeoutMs }: Sending,
) {
  const accepted = await accept
  const deliveries = wait
    ? await withDeadline(timeoutMs, [signal], deadline => app.messages.settled(accepted.deliveries, wait, deadline))
    : accepted.deliveries
  return showSent(accepted.message, deliveries, accepted.isDuplicate)
}

/** Who waits for the ack wants one. */
function wanted<D extends { readonly ack?: boolean | undefined }>(draft: D, wait: Sending['wait']) {
  return { ...draft, ack: draft.ack ?? wait === 'acked' }
}

export const messageRoutes: readonly Route[] = [
  route('POST', '/v1/messages', sendInput, call => {
    const { wait, timeoutMs, ...draft } = call.input
    return send(call, call.app.messages.send(call.caller, wanted(draft, wait)), { wait, timeoutMs })
  }),
  route('POST', '/v1/messages/:id/reply', z.strictObject({ ...contentFields, ...waitFields, ...idField }), call => {
    const { wait, timeoutMs, ...draft } = call.input
    return send(call, call.app.messages.reply(call.caller, call.params.id!, wanted(draft, wait)), { wait, timeoutMs })
  }),
  route('GET', '/v1/messages/:id/answer', z.object({ timeoutMs }), async ({ app, caller, params, input, signal }) => {
    const { message } = await app.archive.find(params.id!)
    const answer = await withDeadline(input.timeoutMs, [signal], deadline =>
      app.messages.answer(caller, message.id, deadline),
    )
    if (answer) return showMessage(answer)
    throw new AgencyError('TIMED_OUT', `no answer to ${params.id} within ${input.timeoutMs / 1000} s`, {
      hint: `agency trace ${params.id}`,
    })
  }),
  route('GET', '/v1/messages/:id', none, async ({ app, params }) => {
    const { message, deliveries, replies } = await app.archive.trace(params.id!)
    return {
      message: showMessage(message),
      deliveries: deliveries.map(showTracedDelivery),
      replies: replies.map(showMessage),
    }
  }),
  route('POST', '/v1/messages/:id/ack', none, async ({ app, caller, params }) => ({
    id: params.id,
    deliveries: (await app.inbox.settle(caller, params.id!, { event: 'ack' })).map(({ to, state }) => ({ to, state })),
  })),
  route(
    'POST',
    '/v1/messages/:id/nak',
    z.object({ delayMs: z.number().min(0).max(86_400_000).default(0) }),
    async ({ app, caller, params, input }) => ({
      id: params.id,
      deliveries: (await app.inbox.settle(caller, params.id!, { event: 'nak', delayMs: input.delayMs })).map(
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
      const filter = await app.archive.knownFilter({
        ...rest,
        type: rest.type === undefined ? undefined : checkType(rest.type),
        thread: rest.thread === undefined ? undefined : (await app.archive.find(rest.thread)).message.thread,
      })
      if (!follow) return { messages: (await app.archive.list(filter, limit)).map(showListed) }
      for await (const message of app.messages.follow(filter, limit, signal)) await emit(showListed(message))
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
      const items = await app.inbox.read(caller, input.agent, {
        isPeek: input.peek,
        includeRead: input.all,
        limit: input.limit,
      })
      return { agent: input.agent ?? caller, messages: items.map(showInboxItem) }
    },
  ),
  route('GET', '/v1/dead', none, async ({ app }) => ({
    deliveries: (await app.deadLetters.list()).map(showInboxItem),
  })),
  route('POST', '/v1/dead/:id/requeue', none, async ({ app, caller, params }) => ({
    id: params.id,
    deliveries: (await app.deadLetters.requeue(caller, params.id!)).map(({ id, to, state }) => ({ id, to, state })),
  })),
  route('DELETE', '/v1/dead', none, async ({ app, caller }) => ({ purged: await app.deadLetters.purge(caller) })),
]
