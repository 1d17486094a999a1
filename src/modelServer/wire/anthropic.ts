/** Anthropic Messages: `POST /v1/messages`. */
import { z } from 'zod'
import { newId } from '../../kernel/ids.ts'
import type { ModelRequest, ToolCall, Turn } from '../conversation.ts'
import { anthropicRefusal, errorType } from './anthropicFailure.ts'
import { block, blocks, blocksOf, functionTool, jsonSchema, textOf } from './schemas.ts'
import { type Encoder, namedEvent, type Stop, TOKENS, type Wire } from './wire.ts'

const content = blocksOf(block.extend({ tool_use_id: z.string().optional(), content: blocks.optional() }))
const format = z.looseObject({ format: z.looseObject({ schema: jsonSchema }).optional() })
const body = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  system: blocks.default([]),
  messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content })),
  tools: z.array(z.looseObject({ name: z.string(), input_schema: jsonSchema })).default([]),
  output_config: format.optional(),
})

type Message = z.infer<typeof body>['messages'][number]

export const anthropic: Wire = {
  read(input) {
    const { model, stream, system, messages, tools, output_config } = body.parse(input)
    const notes = messages.filter(({ role }) => role === 'system').flatMap(message => message.content)
    return {
      api: 'anthropic',
      model,
      isStreamed: stream,
      system: [...system, ...notes].map(textOf).join('\n'),
      turns: messages.flatMap(turnsOf),
      tools: tools.map(tool => functionTool(tool.name, tool.input_schema)),
      answerSchema: output_config?.format?.schema,
    }
  },
  encoder: request => new Messages(request),
  whole: (request, { text, calls }) => ({
    ...message(request),
    content: [...(text || calls.length === 0 ? [{ type: 'text', text }] : []), ...calls.map(toolUse)],
    stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn',
  }),
  refuse: anthropicRefusal,
}

function turnsOf({ role, content: parts }: Message): readonly Turn[] {
  if (role === 'system') return []
  if (role === 'assistant') return [{ by: 'model' }]
  return parts.map(part =>
    part.tool_use_id !== undefined
      ? { by: 'tool', callId: part.tool_use_id, text: (part.content ?? []).map(textOf).join('\n') }
      : { by: 'user', text: textOf(part) },
  )
}

function message({ model }: ModelRequest) {
  return {
    id: `msg_${newId().replaceAll('-', '')}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [] as unknown[],
    stop_reason: null as string | null,
    stop_sequence: null,
    usage: {
      input_tokens: TOKENS.input,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: TOKENS.output,
    },
  }
}

function toolUse({ id, name, arguments: input }: ToolCall) {
  return { type: 'tool_use', id, name, input }
}

class Messages implements Encoder {
  readonly #request: ModelRequest
  #index = 0
  #isTextOpen = false

  constructor(request: ModelRequest) {
    this.#request = request
  }

  open(): string {
    return namedEvent('message_start', { message: message(this.#request) }) + namedEvent('ping', {})
  }

  text(piece: string): string {
    const opened = this.#isTextOpen ? '' : this.#block({ type: 'text', text: '' })
    this.#isTextOpen = true
    return opened + this.#delta({ type: 'text_delta', text: piece })
  }

  call(call: ToolCall): string {
    return [
      this.#endText(),
      this.#block({ ...toolUse(call), input: {} }),
      this.#delta({ type: 'input_json_delta', partial_json: JSON.stringify(call.arguments) }),
      this.#endBlock(),
    ].join('')
  }

  close(stop: Stop): string {
    const stop_reason = stop === 'tool' ? 'tool_use' : 'end_turn'
    return [
      this.#endText(),
      namedEvent('message_delta', {
        delta: { stop_reason, stop_sequence: null },
        usage: { output_tokens: TOKENS.output },
      }),
      namedEvent('message_stop', {}),
    ].join('')
  }

  fault({ status, message }: Parameters<Encoder['fault']>[0]): string {
    return namedEvent('error', { error: { type: errorType(status), message } })
  }

  #block(content_block: object): string {
    return namedEvent('content_block_start', { index: this.#index, content_block })
  }

  #delta(delta: object): string {
    return namedEvent('content_block_delta', { index: this.#index, delta })
  }

  #endBlock(): string {
    this.#isTextOpen = false
    return namedEvent('content_block_stop', { index: this.#index++ })
  }

  #endText(): string {
    return this.#isTextOpen ? this.#endBlock() : ''
  }
}
