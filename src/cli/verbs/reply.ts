import { sendOrLeave } from '../leaving.ts'
import { draftOf, readBody, SENDING_OPTIONS, WAIT_OPTIONS } from '../sending.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'reply',
  arguments: [
    { form: '<id>', about: 'the message to answer (its last 8 digits are enough)' },
    { form: '<body>', about: 'the answer; - reads standard input' },
  ],
  options: [...SENDING_OPTIONS.filter(option => !option.form.startsWith('--from')), ...WAIT_OPTIONS],
  examples: ['agency reply 1a2b3c4d "port 8080"', 'agency reply 1a2b3c4d - < answer.md'],
  async run(context, [id, body], options) {
    const { from: _, ...draft } = draftOf(options)
    const path = `/v1/messages/${encodeURIComponent(String(id))}/reply`
    return sendOrLeave(context, path, { ...draft, body: readBody(String(body)) }, { replyTo: id })
  },
}
