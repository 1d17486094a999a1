import { oneLine } from '../../model/sanitize.ts'
import type { MessageDocument } from '../documents.ts'
import { duration } from '../sending.ts'
import { clockTime, paint, state } from '../text.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'messages',
  arguments: [
    { form: '[who]', about: 'an agency, an agent, human, system or external: only what it sent or was sent' },
  ],
  options: [
    { form: '--follow', about: 'go on with new messages as they come' },
    { form: '--type <type>', about: 'only this type' },
    { form: '--state <state>', about: 'only with a delivery in this state' },
    { form: '--thread <id>', about: 'only the conversation of this message' },
    { form: '--since <time>', about: 'only those of the last 10m, 2h, 1d' },
    { form: '--limit <n>', about: 'at most so many (default: 50)' },
  ],
  examples: [
    'agency messages',
    'agency messages CodeAgency --since 1h',
    'agency messages --follow --json | jq .body',
    'agency messages --state unknown',
  ],
  async run(context, [who], options) {
    const client = await context.client()
    const since = duration(options.since, '--since')
    const filter = {
      ...filterOf(who as string | undefined),
      type: options.type,
      state: options.state,
      thread: options.thread,
      sinceMs: since === undefined ? undefined : Date.now() - since,
      limit: options.limit,
    }
    if (!options.follow) {
      const data = (await client.get('/v1/messages', filter)) as { messages: MessageDocument[] }
      return { data, text: data.messages.map(showLine).join('\n') || 'no messages' }
    }
    const query = new URLSearchParams(
      Object.entries({ ...filter, follow: '1' }).flatMap(([key, value]): [string, string][] =>
        value === undefined ? [] : [[key, String(value)]],
      ),
    )
    await client.stream('GET', `/v1/messages?${query.toString()}`, undefined, line =>
      context.line(line, showLine(line as MessageDocument)),
    )
    return {}
  },
}

function filterOf(who: string | undefined): { involving?: string; agency?: string } {
  if (who === undefined) return {}
  const isVoice = who === 'human' || who === 'system' || who === 'external'
  return who.includes('/') || isVoice ? { involving: who } : { agency: who }
}

export function showLine(message: MessageDocument): string {
  return `${paint('gray', clockTime(message.at))}  ${paint('bold', message.id.slice(-8))}  ${message.from} → ${message.to} · ${message.type}  ${state(message.state)}  ${oneLine(message.body, 90)}`
}
