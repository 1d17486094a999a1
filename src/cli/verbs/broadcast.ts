import { sendOrLeave } from '../leaving.ts'
import { draftOf, readBody, SENDING_OPTIONS, WAIT_OPTIONS } from '../sending.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'broadcast',
  arguments: [{ form: '<body>', about: 'JSON with a type, such as an alert, or words; - reads standard input' }],
  options: [
    { form: '--to <whom>', about: 'a group of agency.yaml, a capability, or one agency (default: all)' },
    ...SENDING_OPTIONS,
    ...WAIT_OPTIONS,
  ],
  examples: [
    `agency broadcast '{"type":"alert","severity":"high","message":"main is red","action_required":"stop merging"}'`,
    'agency broadcast --to backend "NOTE: the API freezes at noon"',
  ],
  async run(context, [body], options) {
    const draft = { ...draftOf(options), to: options.to ?? 'all', isBroadcast: true, body: readBody(String(body)) }
    return sendOrLeave(context, '/v1/messages', draft)
  },
}
