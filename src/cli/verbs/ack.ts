import { settled } from '../settled.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'ack',
  arguments: [{ form: '<id>', about: 'the message you have dealt with' }],
  options: [],
  examples: ['agency ack 1a2b3c4d'],
  run: (context, [id]) => settled(context, String(id), 'ack', {}),
}
