/** Plays the steps of a rule as one answer. A tool call, a failure or a cut ends the answer; what follows waits for the next request. */
import { sleep } from '../kernel/abort.ts'
import { newId } from '../kernel/ids.ts'
import type { ModelRequest, ToolCall } from './conversation.ts'
import type { Director } from './director.ts'
import { failureOf, limitOf } from './failure.ts'
import type { Run, Step } from './script.ts'
import { shellArguments, shellTool } from './shellTool.ts'
import type { Voice } from './voice.ts'

/** `interrupted`: the program hung up before the end. */
export type Outcome = 'answered' | 'called' | 'failed' | 'cut' | 'interrupted'

export interface Scene {
  readonly request: ModelRequest
  readonly steps: readonly Step[]
  readonly director: Director
  readonly voice: Voice
  readonly signal: AbortSignal
}

/** Programs show a slow turn as busy when bits of text come at about the pace of a person's patience. */
const BIT_EVERY_MS = 1000

export async function play(scene: Scene): Promise<Outcome> {
  const { request, steps, director, voice, signal } = scene
  let hasSpoken = false
  for (const [index, step] of steps.entries()) {
    const rest = steps.slice(index + 1)
    if (step.say !== undefined) hasSpoken = say(voice, step.say, hasSpoken)
    else if (step.wait !== undefined) hasSpoken = await dawdle(voice, step.wait * 1000, hasSpoken, signal)
    else if (step.run !== undefined) {
      const call = shellCall(request, step.run)
      if (call) {
        director.keepForResult(call.id, rest)
        voice.call(call)
        voice.close('tool')
        return 'called'
      }
      hasSpoken = say(voice, `There is no shell tool to run ${step.run.command}`, hasSpoken)
    } else {
      const failure = step.fail && failureOf(step.fail, new Date())
      director.keepForRetry(request, rest, failure && limitOf(failure))
      if (failure) voice.fail(failure)
      else await voice.cut()
      return failure ? 'failed' : 'cut'
    }
    if (signal.aborted) return 'interrupted'
  }
  voice.close('said')
  return 'answered'
}

/** In pieces of a few words: never in the middle of a character. */
function say(voice: Voice, text: string, isFurther: boolean): true {
  if (isFurther) voice.say('\n\n')
  for (const piece of text.match(/(?:\S*\s*){1,8}/gu) ?? []) if (piece) voice.say(piece)
  return true
}

async function dawdle(voice: Voice, ms: number, isFurther: boolean, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + ms
  if (ms > 0) voice.say(isFurther ? '\n\nWorking' : 'Working')
  for (let left = ms; left > 0 && !signal.aborted; left = end - performance.now()) {
    await sleep(Math.min(left, BIT_EVERY_MS), signal)
    if (!signal.aborted && end > performance.now()) voice.say(' .')
  }
  return isFurther || ms > 0
}

function shellCall({ tools }: ModelRequest, run: Run): ToolCall | undefined {
  const tool = shellTool(tools)
  if (!tool) return undefined
  const id = `call_${newId().replaceAll('-', '')}`
  const { name, kind, namespace } = tool
  return { id, name, kind, namespace, arguments: shellArguments(tool, run) }
}
