import { messageWords } from '../../model/messageWords.ts'
import { SYSTEM } from '../../model/names.ts'
import { sanitise } from '../../model/sanitize.ts'
import type { MessageDocument } from '../documents.ts'
import { clockTime, paint, state } from '../text.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'inbox',
  arguments: [{ form: '[agent]', about: 'the person may look into the inbox of an agent, which confirms nothing' }],
  options: [
    { form: '--all', about: 'also what was read before' },
    { form: '--peek', about: 'look without confirming' },
    { form: '--limit <n>', about: 'at most so many (default: 100)' },
  ],
  examples: ['agency inbox', 'agency inbox --peek', 'agency inbox CodeAgency/coordinator'],
  async run(context, [agent], options) {
    const client = await context.client()
    const data = (await client.send('POST', '/v1/inbox', {
      agent,
      all: options.all === true,
      peek: options.peek === true,
      limit: Number(options.limit ?? 100),
    })) as { agent: string; messages: MessageDocument[] }
    const text = data.messages.map(show).join('\n\n') || `nothing waits for ${data.agent}`
    return { data, text }
  },
}

function show(message: MessageDocument): string {
  const marks = [message.kind === 'copy' ? 'copy' : '', message.redelivery ? 'redelivery' : '']
    .filter(Boolean)
    .join(', ')
  const head = `${paint('bold', message.id.slice(-8))}  ${clockTime(message.at)}  ${message.from} → ${message.to} · ${message.type}  ${state(message.state)}${marks ? paint('gray', `  ${marks}`) : ''}`
  // What others put beside the words of a notice is theirs to say, and is not left out.
  const words = message.from === SYSTEM ? messageWords(message) : message.body
  return `${head}\n${sanitise(words).text}`
}
