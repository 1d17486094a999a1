import { duration } from '../sending.ts'
import { settled } from '../settled.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'nak',
  arguments: [{ form: '<id>', about: 'the message you give back' }],
  options: [{ form: '--delay <time>', about: 'not again before 30s, 10m, 2h' }],
  examples: ['agency nak 1a2b3c4d --delay 10m'],
  run: (context, [id], options) =>
    settled(context, String(id), 'nak', { delayMs: duration(options.delay, '--delay') ?? 0 }),
}
