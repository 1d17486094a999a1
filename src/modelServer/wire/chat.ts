/** OpenAI chat completions: `POST /v1/chat/completions`, as most other programs speak. */
import { z } from 'zod'
import { newId } from '../../kernel/ids.ts'
import type { ModelRequest, ToolCall, Turn } from '../conversation.ts'
import { openaiError, openaiRefusal } from './openaiFailure.ts'
import { blocks, functionTool, jsonSchema, textOf } from './schemas.ts'
import { type Encoder, type Failure, plainEvent, type Stop, TOKENS, type Wire } from './wire.ts'

const message = z.looseObject({ role: z.string(), content: blocks.nullish(), tool_call_id: z.string().optional() })
const body = z.looseObject({
  model: z.string(),
  stream: z.boolean().nullish(),
  messages: z.array(message),
  tools: z
    .array(
      z.looseObject({ function: z.looseObject({ name: z.string(), parameters: jsonSchema.default({}) }).optional() }),
    )
    .nullish(),
  response_format: z
    .looseObject({ type: z.string(), json_schema: z.looseObject({ schema: jsonSchema.optional() }).optional() })
    .nullish(),
})

type Message = z.infer<typeof message>

export const chat: Wire = {
  read(input) {
    const { model, stream, messages, tools, response_format: format } = body.parse(input)
    return {
      api: 'chat',
      model,
      isStreamed: stream ?? false,
      system: messages
        .filter(isInstruction)
        .flatMap(({ content }) => content ?? [])
        .map(textOf)
        .join('\n'),
      turns: messages.flatMap(turnsOf),
      tools: (tools ?? []).flatMap(tool =>
        tool.function ? [functionTool(tool.function.name, tool.function.parameters)] : [],
      ),
      answerSchema: format && format.type !== 'text' ? (format.json_schema?.schema ?? {}) : undefined,
    }
  },
  encoder: request => new Chunks(request),
  whole: (request, { text, calls }) => ({
    ...completion(request, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text || (calls.length > 0 ? null : ''),
          ...(calls.length > 0 ? { tool_calls: calls.map(toolCall) } : {}),
        },
        finish_reason: calls.length > 0 ? 'tool_calls' : 'stop',
      },
    ],
    usage: USAGE,
  }),
  refuse: openaiRefusal,
}

const USAGE = {
  prompt_tokens: TOKENS.input,
  completion_tokens: TOKENS.output,
  total_tokens: TOKENS.input + TOKENS.output,
}

function isInstruction({ role }: Message): boolean {
  return role === 'system' || role === 'developer'
}

function turnsOf(message: Message): readonly Turn[] {
  if (isInstruction(message)) return []
  const texts = (message.content ?? []).map(textOf)
  if (message.role === 'tool') return [{ by: 'tool', callId: message.tool_call_id ?? '', text: texts.join('\n') }]
  return message.role === 'user' ? texts.map(text => ({ by: 'user', text })) : [{ by: 'model' }]
}

function completion({ model }: ModelRequest, object: string) {
  return { id: `chatcmpl-${newId()}`, object, created: Math.floor(Date.now() / 1000), model }
}

function toolCall({ id, name, arguments: input }: ToolCall) {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input) } }
}

class Chunks implements Encoder {
  readonly #head: ReturnType<typeof completion>
  #calls = 0

  constructor(request: ModelRequest) {
    this.#head = completion(request, 'chat.completion.chunk')
  }

  open(): string {
    return this.#chunk({ role: 'assistant', content: '' })
  }

  text(piece: string): string {
    return this.#chunk({ content: piece })
  }

  /** The name first and the arguments after it, as the provider does. */
  call(call: ToolCall): string {
    const index = this.#calls++
    const { id, type, function: called } = toolCall(call)
    const named = { index, id, type, function: { name: called.name, arguments: '' } }
    return (
      this.#chunk({ tool_calls: [named] }) +
      this.#chunk({ tool_calls: [{ index, function: { arguments: called.arguments } }] })
    )
  }

  /** The usage chunk goes to everybody: those that have not asked for it pass over it. */
  close(stop: Stop): string {
    const usage = plainEvent({ ...this.#head, choices: [], usage: USAGE })
    return `${this.#chunk({}, stop === 'tool' ? 'tool_calls' : 'stop')}${usage}data: [DONE]\n\n`
  }

  fault(failure: Failure): string {
    return plainEvent({ error: openaiError(failure) })
  }

  #chunk(delta: object, finish_reason: string | null = null): string {
    return plainEvent({ ...this.#head, choices: [{ index: 0, delta, logprobs: null, finish_reason }] })
  }
}
