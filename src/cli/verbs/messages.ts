import { messageWords } from '../../model/messageWords.ts'
import { oneLine } from '../../model/sanitize.ts'
import type { MessageDocument } from '../documents.ts'
import { duration } from '../sending.ts'
import { clockTime, columns, cut, paint, state } from '../text.ts'
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
      return { data, text: showList(data.messages) || 'no messages' }
    }
    const query = new URLSearchParams(
      Object.entries({ ...filter, follow: '1' }).flatMap(([key, value]): [string, string][] =>
        value === undefined ? [] : [[key, String(value)]],
      ),
    )
    await client.stream('GET', `/v1/messages?${query.toString()}`, undefined, line =>
      context.line(line, cut(cellsOf(line as MessageDocument).join('  '))),
    )
    return {}
  },
}

function filterOf(who: string | undefined): { involving?: string; agency?: string } {
  if (who === undefined) return {}
  const isVoice = who === 'human' || who === 'system' || who === 'external'
  return who.includes('/') || isVoice ? { involving: who } : { agency: who }
}

function showList(messages: readonly MessageDocument[]): string {
  return columns(messages.map(cellsOf))
    .split('\n')
    .map(line => cut(line))
    .join('\n')
}

/** In a narrow terminal the words are read before all of the names. */
const ROUTE_SHARE = 0.4

function cellsOf(message: MessageDocument): readonly string[] {
  const width = process.stdout.isTTY ? process.stdout.columns : undefined
  return [
    paint('gray', clockTime(message.at)),
    paint('bold', message.id.slice(-8)),
    cut(`${message.from} → ${message.to}`, width && Math.floor(width * ROUTE_SHARE)),
    message.type,
    state(message.state),
    oneLine(messageWords(message), Math.max(90, width ?? 0)),
  ]
}
