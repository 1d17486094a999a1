import { sanitise } from '../../model/sanitize.ts'
import type { TraceDocument } from '../documents.ts'
import { columns, paint, state } from '../text.ts'
import type { Verb } from '../verb.ts'

const MAX_BODY_LINES = 20

export const verb: Verb = {
  name: 'trace',
  arguments: [{ form: '<id>', about: 'the message, or one of its deliveries (the last 8 digits are enough)' }],
  options: [],
  examples: ['agency trace 1a2b3c4d', "agency trace 1a2b3c4d --json | jq '.deliveries[].events'"],
  async run(context, [id]) {
    const client = await context.client()
    const data = (await client.get(`/v1/messages/${encodeURIComponent(String(id))}`)) as TraceDocument
    return { data, text: show(data) }
  },
}

function show({ message, deliveries, replies }: TraceDocument): string {
  const spoken = message.spokenBy ? paint('gray', `  spoken by ${message.spokenBy}`) : ''
  const lines = sanitise(message.body).text.split('\n')
  const body = lines.slice(0, MAX_BODY_LINES).map(line => `  ${line}`)
  if (lines.length > MAX_BODY_LINES) body.push(paint('gray', `  … ${lines.length - MAX_BODY_LINES} more lines`))
  const head = `${paint('bold', message.id)}\n${message.from} → ${message.to} · ${message.type}${spoken}${message.replyTo ? paint('gray', `  answers ${message.replyTo.slice(-8)}`) : ''}`
  const ways = deliveries.map(delivery => {
    const start = new Date(message.at).getTime()
    const rows = delivery.events.map(event => [
      `    ${paint('gray', offset(new Date(event.at).getTime() - start))}`,
      state(event.state),
      [event.evidence, event.reason ? `because ${event.reason}` : ''].filter(Boolean).join('; '),
    ])
    return `  to ${paint('bold', delivery.to)}  ${state(delivery.state)}${delivery.kind === 'copy' ? paint('gray', '  copy') : ''}${delivery.door ? paint('gray', `  by ${delivery.door}`) : ''}\n${columns(rows)}`
  })
  if (ways.length === 0) ways.push(paint('gray', '  its deliveries were forgotten by agency dead purge'))
  const answers = replies.map(reply => `  answered by ${reply.from} in ${reply.id.slice(-8)}`)
  return [head, ...body, ...ways, ...answers].join('\n')
}

function offset(ms: number): string {
  return ms < 10_000 ? `+${Math.max(0, ms)} ms` : `+${(ms / 1000).toFixed(1)} s`
}
