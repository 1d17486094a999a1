import { sanitise } from '../../model/sanitize.ts'
import type { MessageDocument, SentDocument } from '../documents.ts'
import { draftOf, duration, readBody, SENDING_OPTIONS } from '../sending.ts'
import type { Verb } from '../verb.ts'

const DEFAULT_TIMEOUT_MS = 300_000

export const verb: Verb = {
  name: 'ask',
  arguments: [
    { form: '<target>', about: 'Agency/agent, or an agency (its coordinator)' },
    { form: '<question>', about: 'the question; - reads standard input' },
  ],
  options: [...SENDING_OPTIONS, { form: '--timeout <time>', about: 'how long to wait for the answer (default: 5m)' }],
  examples: [
    'agency ask CodeAgency/go-agent "which Go version do we build with?"',
    'agency ask QAAgency "what failed?" --timeout 1m',
  ],
  async run(context, [to, question], options) {
    const client = await context.client()
    const timeoutMs = duration(options.timeout, '--timeout') ?? DEFAULT_TIMEOUT_MS
    const { timeoutMs: _, ...draft } = draftOf(options)
    const sent = (await client.send('POST', '/v1/messages', {
      ...draft,
      type: draft.type ?? 'QUESTION',
      to,
      body: readBody(String(question)),
    })) as SentDocument
    context.progress(`asked as ${sent.id.slice(-8)}; waiting for the answer`)
    const answer = (await client.get(`/v1/messages/${sent.id}/answer`, { timeoutMs })) as MessageDocument
    return { data: { question: sent.id, answer }, text: sanitise(answer.body).text }
  },
}
