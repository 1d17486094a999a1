/** start, stop and restart differ in one word. */
import type { Verb } from './verb.ts'

const PAST = { start: 'started', stop: 'stopped', restart: 'restarted' } as const

export function lifeVerb(name: keyof typeof PAST, examples: readonly string[]): Verb {
  return {
    name,
    arguments: [{ form: '<target>', about: 'an agency, or Agency/agent' }],
    options: [],
    examples,
    async run(context, [target]) {
      const client = await context.client()
      const data = await client.stream('POST', `/v1/${name}`, { target }, line =>
        context.progress((line as { progress: string }).progress),
      )
      return { data, text: `${String(target)} ${PAST[name]}` }
    },
  }
}
