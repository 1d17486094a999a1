/** ack and nak: the recipient settles a delivery. */
import { state } from './text.ts'
import type { Context, Result } from './verb.ts'

export async function settled(context: Context, id: string, how: 'ack' | 'nak', body: object): Promise<Result> {
  const client = await context.client()
  const data = (await client.send('POST', `/v1/messages/${encodeURIComponent(id)}/${how}`, body)) as {
    deliveries: { to: string; state: string }[]
  }
  return {
    data,
    text:
      data.deliveries.map(delivery => `${id}  ${delivery.to}  ${state(delivery.state)}`).join('\n') ||
      `${id}  was ${how}ed before`,
  }
}
