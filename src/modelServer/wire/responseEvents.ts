/** The event sequence of the Responses API: each item of the answer is added, filled, and done. */
import { newId } from '../../kernel/ids.ts'
import type { ModelRequest, ToolCall } from '../conversation.ts'
import { openaiError } from './openaiFailure.ts'
import { type Encoder, type Failure, namedEvent, TOKENS } from './wire.ts'

export function response({ model }: ModelRequest, status: string) {
  return {
    id: `resp_${newId().replaceAll('-', '')}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status,
    error: null as unknown,
    incomplete_details: null,
    model,
    output: [] as readonly unknown[],
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    usage: {
      input_tokens: TOKENS.input,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: TOKENS.output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: TOKENS.input + TOKENS.output,
    },
  }
}

export function textItem(text: string, id = `msg_${newId()}`) {
  const content = [{ type: 'output_text', text, annotations: [] }]
  return { id, type: 'message', role: 'assistant', status: 'completed', content }
}

export function callItem(call: ToolCall, id = `fc_${newId()}`) {
  const common = { id, call_id: call.id, status: 'completed' }
  if (call.kind === 'local_shell')
    return { ...common, type: 'local_shell_call', action: { type: 'exec', env: {}, ...call.arguments } }
  if (call.kind === 'code')
    return {
      ...common,
      type: 'custom_tool_call',
      name: call.name,
      namespace: call.namespace,
      input: call.arguments.code,
    }
  return { ...common, type: 'function_call', name: call.name, arguments: JSON.stringify(call.arguments) }
}

export class ResponseEvents implements Encoder {
  readonly #response: ReturnType<typeof response>
  readonly #output: unknown[] = []
  #sequence = 0
  #message: { readonly id: string; text: string } | undefined

  constructor(request: ModelRequest) {
    this.#response = response(request, 'in_progress')
  }

  open(): string {
    const started = { response: { ...this.#response, usage: null } }
    return this.#event('response.created', started) + this.#event('response.in_progress', started)
  }

  text(piece: string): string {
    const opened = this.#message ? '' : this.#openMessage()
    this.#message!.text += piece
    return opened + this.#event('response.output_text.delta', { ...this.#place(), delta: piece })
  }

  call(call: ToolCall): string {
    const before = this.#endMessage()
    const item = callItem(call)
    const place = { item_id: item.id, output_index: this.#output.length }
    const added = { ...item, status: 'in_progress', ...('arguments' in item ? { arguments: '' } : {}) }
    const filled =
      'arguments' in item
        ? this.#event('response.function_call_arguments.delta', { ...place, delta: item.arguments }) +
          this.#event('response.function_call_arguments.done', { ...place, arguments: item.arguments })
        : ''
    return before + this.#added(added) + filled + this.#done(item)
  }

  close(): string {
    const ended = this.#endMessage()
    const response = { ...this.#response, status: 'completed', output: this.#output }
    return ended + this.#event('response.completed', { response })
  }

  fault(failure: Failure): string {
    const { code, message } = openaiError(failure)
    return this.#event('response.failed', {
      response: { ...this.#response, status: 'failed', error: { code, message } },
    })
  }

  #event(type: string, data: object): string {
    return namedEvent(type, { sequence_number: this.#sequence++, ...data })
  }

  #added(item: object): string {
    return this.#event('response.output_item.added', { output_index: this.#output.length, item })
  }

  #done(item: object): string {
    this.#output.push(item)
    return this.#event('response.output_item.done', { output_index: this.#output.length - 1, item })
  }

  #place() {
    return { item_id: this.#message!.id, output_index: this.#output.length, content_index: 0 }
  }

  #openMessage(): string {
    this.#message = { id: `msg_${newId()}`, text: '' }
    const part = { type: 'output_text', text: '', annotations: [] }
    const item = { ...textItem('', this.#message.id), status: 'in_progress', content: [] }
    return this.#added(item) + this.#event('response.content_part.added', { ...this.#place(), part })
  }

  #endMessage(): string {
    if (!this.#message) return ''
    const item = textItem(this.#message.text, this.#message.id)
    const ended = [
      this.#event('response.output_text.done', { ...this.#place(), text: this.#message.text }),
      this.#event('response.content_part.done', { ...this.#place(), part: item.content[0] }),
      this.#done(item),
    ]
    this.#message = undefined
    return ended.join('')
  }
}
