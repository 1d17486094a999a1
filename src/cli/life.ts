/** Verbs that order the life of an agency or of one agent: they differ in a word, and in what is said afterwards. */
import { steps } from './progress.ts'
import { paint } from './text.ts'
import type { Verb } from './verb.ts'

const PAST = { start: 'started', stop: 'stopped', restart: 'restarted' } as const
const TARGET = { form: '<target>', about: 'an agency, or Agency/agent' }
const WHY = { form: '--why <words>', about: 'the reason, kept in the log and shown where it matters' }

export function lifeVerb(name: keyof typeof PAST, examples: readonly string[]): Verb {
  return {
    name,
    arguments: [TARGET],
    options: [WHY],
    examples,
    async run(context, [target], { why }) {
      const client = await context.client()
      const data = await client.stream('POST', `/v1/${name}`, { target, why }, steps(context))
      return { data, text: `${String(target)} ${PAST[name]}` }
    },
  }
}

interface Tended {
  readonly agents: readonly { readonly agent: string; readonly isChanged: boolean; readonly holds: readonly string[] }[]
}

/** For a verb that changes what holds an agent; `unchanged` is said of one that was so already. */
export function holdVerb(
  name: 'pause' | 'resume' | 'drain',
  words: {
    readonly changed: string
    readonly unchanged: string
    readonly hint: (target: string, hasChanged: boolean) => string
  },
  examples: readonly string[],
): Verb {
  return {
    name,
    arguments: [TARGET],
    options: [WHY],
    examples,
    async run(context, [target], { why }) {
      const client = await context.client()
      const data = (await client.send('POST', `/v1/${name}`, { target, why })) as Tended
      const lines = data.agents.map(({ agent, isChanged, holds }) => {
        const isStill = name === 'resume' && holds.length > 0
        const rest = isStill ? paint('yellow', `, still ${holds.join('; ')}   (agency explain ${agent})`) : ''
        return `${agent} ${isChanged ? words.changed : words.unchanged}${rest}`
      })
      const hint = words.hint(
        String(target),
        data.agents.some(({ isChanged }) => isChanged),
      )
      if (lines.length === 0) lines.push(`no agent of ${String(target)} runs`)
      return { data, text: hint === '' ? lines.join('\n') : `${lines.join('\n')}\n${paint('gray', hint)}` }
    },
  }
}
