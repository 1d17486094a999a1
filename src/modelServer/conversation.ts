/** What a program asks of a model, whichever provider's form it came in. */

export type Api = 'anthropic' | 'responses' | 'chat' | 'gemini'

export interface Tool {
  readonly name: string
  /** Of the Responses API, with calls of a form of their own: `local_shell`, and `code`, JavaScript that calls the tools proper. */
  readonly kind: 'function' | 'local_shell' | 'code'
  readonly namespace?: string
  readonly parameters: JsonSchema
}

/** As much of JSON Schema as is needed to fill in arguments and answers. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly minimum?: number
}

export type Turn =
  | { readonly by: 'user'; readonly text: string }
  | { readonly by: 'model' }
  | { readonly by: 'tool'; readonly callId: string; readonly text: string }

export interface ModelRequest {
  readonly api: Api
  readonly model: string
  readonly isStreamed: boolean
  /** Role and instructions, whole. */
  readonly system: string
  /** One entry for each text, tool result and answer, in order; texts byte for byte as they came. */
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  /** Set when the answer must be JSON: the shape it must have, `{}` when any will do. */
  readonly answerSchema?: JsonSchema
}

export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly kind: Tool['kind']
  readonly namespace?: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** What came since the model last spoke. */
export function newest({ turns }: Pick<ModelRequest, 'turns'>): readonly Turn[] {
  return turns.slice(turns.findLastIndex(turn => turn.by === 'model') + 1)
}
