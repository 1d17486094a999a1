/** One request to the model: recorded, then answered by the script, or aside from it. */
import type { ServerResponse } from 'node:http'
import { newId } from '../kernel/ids.ts'
import type { ModelRequest } from './conversation.ts'
import type { Director } from './director.ts'
import { type Outcome, play } from './play.ts'
import type { Received } from './received.ts'
import { type SideAnswer, sideAnswer } from './sideCalls.ts'
import { type Voice, voiceFor } from './voice.ts'
import type { Wire } from './wire/wire.ts'

export interface Stage {
  readonly director: Director
  readonly received: Received
}

export async function answerModel(
  { director, received }: Stage,
  wire: Wire,
  request: ModelRequest,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const voice = voiceFor(wire, request, response)
  const side = sideAnswer(request)
  if (side) {
    const record = received.request(request, { isSide: true, rules: [], steps: [] })
    return received.end(record, answerAside(side, voice))
  }
  const { rules, steps } = director.plan(request)
  const record = received.request(request, {
    isSide: false,
    rules: rules.map(index => index + 1),
    steps: steps.flatMap(step => Object.keys(step)),
  })
  received.end(record, await play({ request, steps, director, voice, signal: gone.signal }))
}

function answerAside({ text, call }: SideAnswer, voice: Voice): Outcome {
  if (text !== undefined) voice.say(text)
  if (call) voice.call({ id: `call_${newId().replaceAll('-', '')}`, kind: 'function', ...call })
  voice.close(call ? 'tool' : 'said')
  return 'answered'
}
