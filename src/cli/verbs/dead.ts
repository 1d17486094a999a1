import { AgencyError } from '../../kernel/errors.ts'
import { oneLine } from '../../model/sanitize.ts'
import type { Client } from '../client.ts'
import type { MessageDocument, TraceDocument } from '../documents.ts'
import { age, columns, paint, state } from '../text.ts'
import type { Result, Verb } from '../verb.ts'
import { wrongAction } from '../wrongAction.ts'

export const verb: Verb = {
  name: 'dead',
  arguments: [
    { form: '[action]', about: 'list (default), show ID, requeue ID, or purge' },
    { form: '[id]', about: 'the message' },
  ],
  actions: { list: [], show: ['message'], requeue: ['message'], purge: [] },
  options: [],
  examples: ['agency dead', 'agency dead show 1a2b3c4d', 'agency dead requeue 1a2b3c4d', 'agency dead purge'],
  async run(context, [action = 'list', id]) {
    if (!Object.hasOwn(verb.actions ?? {}, String(action))) throw wrongAction(verb, action)
    const client = await context.client()
    if (action === 'list') return list(client)
    if (action === 'purge') {
      const data = (await client.send('DELETE', '/v1/dead')) as { purged: number }
      return {
        data,
        text: `${data.purged} dead, expired and cancelled deliveries forgotten; what happened stays in the log`,
      }
    }
    if (id === undefined)
      throw new AgencyError('USAGE', `dead ${String(action)}: of which message?`, { hint: 'agency dead' })
    if (action === 'show') {
      const data = (await client.get(`/v1/messages/${encodeURIComponent(String(id))}`)) as TraceDocument
      return {
        data,
        text: `${data.message.from} → ${data.message.to} · ${data.message.type}\n${oneLine(data.message.body, 2000)}\nnext   agency trace ${String(id)}   ·   agency dead requeue ${String(id)}`,
      }
    }
    const data = (await client.send('POST', `/v1/dead/${encodeURIComponent(String(id))}/requeue`)) as {
      deliveries: { to: string; state: string }[]
    }
    return {
      data,
      text: data.deliveries.map(delivery => `${String(id)}  → ${delivery.to}  ${state(delivery.state)}`).join('\n'),
    }
  },
}

async function list(client: Client): Promise<Result> {
  const data = (await client.get('/v1/dead')) as { deliveries: (MessageDocument & { to: string })[] }
  const rows = data.deliveries.map(item => [
    paint('bold', item.id.slice(-8)),
    state(item.state),
    age(item.at),
    `${item.from} → ${item.to}`,
    item.reason ?? '',
    oneLine(item.body, 60),
  ])
  return { data, text: columns(rows) || 'nothing is dead, expired or unknown' }
}
