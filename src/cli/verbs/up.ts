import { steps } from '../progress.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'up',
  arguments: [{ form: '[agency]', about: 'one agency only' }],
  options: [],
  examples: ['agency up', 'agency up CodeAgency'],
  async run(context, [target]) {
    const client = await context.client()
    const data = (await client.stream('POST', '/v1/up', { target }, steps(context))) as { agencies: string[] }
    return {
      data,
      text:
        data.agencies.length === 0
          ? 'no agencies yet\nnext   agency create CodeAgency'
          : `up: ${data.agencies.join(', ')}`,
    }
  },
}
