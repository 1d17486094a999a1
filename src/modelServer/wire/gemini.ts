/** Gemini: `POST /v1beta/models/<model>:generateContent` and `:streamGenerateContent`. */
import { z } from 'zod'
import { newId } from '../../kernel/ids.ts'
import type { ModelRequest, ToolCall, Turn } from '../conversation.ts'
import { geminiRefusal } from './geminiFailure.ts'
import { functionTool, jsonSchema } from './schemas.ts'
import { type Encoder, type Failure, plainEvent, TOKENS, type Wire } from './wire.ts'

const part = z.looseObject({
  text: z.string().optional(),
  functionResponse: z
    .looseObject({ id: z.string().optional(), name: z.string().optional(), response: z.unknown() })
    .optional(),
})
const content = z.looseObject({ role: z.string().optional(), parts: z.array(part).default([]) })
const declaration = z.looseObject({
  name: z.string(),
  parameters: jsonSchema.optional(),
  parametersJsonSchema: jsonSchema.optional(),
})
const config = z.looseObject({
  responseMimeType: z.string().optional(),
  responseSchema: jsonSchema.optional(),
  responseJsonSchema: jsonSchema.optional(),
})
const body = z.looseObject({
  contents: z.array(content),
  systemInstruction: content.optional(),
  tools: z.array(z.looseObject({ functionDeclarations: z.array(declaration).default([]) })).default([]),
  generationConfig: config.default({}),
})

type Part = z.infer<typeof part>

export const gemini: Wire = {
  read(input, path = { model: 'gemini', isStreamed: false }) {
    const { contents, systemInstruction, tools, generationConfig } = body.parse(input)
    return {
      api: 'gemini',
      ...path,
      system: (systemInstruction?.parts ?? []).map(({ text }) => text ?? '').join('\n'),
      turns: contents.flatMap(({ role, parts }) => (role === 'model' ? [{ by: 'model' as const }] : parts.map(turnOf))),
      tools: tools
        .flatMap(tool => tool.functionDeclarations)
        .map(({ name, parametersJsonSchema, parameters }) =>
          functionTool(name, parametersJsonSchema ?? parameters ?? {}),
        ),
      answerSchema: schemaOf(generationConfig),
    }
  },
  encoder: request => new Candidates(request),
  whole: (request, { text, calls }) =>
    candidate(request, [...(text || calls.length === 0 ? [{ text }] : []), ...calls.map(functionCall)], 'STOP'),
  refuse: geminiRefusal,
}

function schemaOf({ responseMimeType, responseJsonSchema, responseSchema }: z.infer<typeof config>) {
  return responseMimeType === 'application/json' ? (responseJsonSchema ?? responseSchema ?? {}) : undefined
}

function turnOf({ text, functionResponse: result }: Part): Turn {
  if (!result) return { by: 'user', text: text ?? '[part]' }
  const { output, error } = (result.response ?? {}) as { output?: unknown; error?: unknown }
  const said = output ?? error ?? result.response ?? ''
  return {
    by: 'tool',
    callId: result.id ?? result.name ?? '',
    text: typeof said === 'string' ? said : JSON.stringify(said),
  }
}

function functionCall({ id, name, arguments: args }: ToolCall) {
  return { functionCall: { id, name, args } }
}

function candidate({ model }: ModelRequest, parts: readonly object[], finishReason?: string) {
  return {
    candidates: [{ content: { role: 'model', parts }, index: 0, ...(finishReason ? { finishReason } : {}) }],
    usageMetadata: {
      promptTokenCount: TOKENS.input,
      candidatesTokenCount: TOKENS.output,
      totalTokenCount: TOKENS.input + TOKENS.output,
    },
    modelVersion: model,
    responseId: newId(),
  }
}

class Candidates implements Encoder {
  readonly #request: ModelRequest

  constructor(request: ModelRequest) {
    this.#request = request
  }

  /** Nothing goes before the first piece. */
  open(): string {
    return ''
  }

  text(piece: string): string {
    return plainEvent(candidate(this.#request, [{ text: piece }]))
  }

  call(call: ToolCall): string {
    return plainEvent(candidate(this.#request, [functionCall(call)]))
  }

  close(): string {
    return plainEvent(candidate(this.#request, [{ text: '' }], 'STOP'))
  }

  fault(failure: Failure): string {
    return plainEvent(geminiRefusal(failure).body)
  }
}
