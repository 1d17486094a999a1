/** OpenAI Responses: `POST /v1/responses`. */
import { z } from 'zod'
import type { Turn } from '../conversation.ts'
import { openaiRefusal } from './openaiFailure.ts'
import { callItem, ResponseEvents, response, textItem } from './responseEvents.ts'
import { block, blocks, functionTool, jsonSchema, textOf } from './schemas.ts'
import type { Wire } from './wire.ts'

const item = z.looseObject({
  type: z.string().default('message'),
  role: z.string().optional(),
  content: blocks.nullish(),
  call_id: z.string().optional(),
  output: z.union([z.string(), z.array(block)]).optional(),
})
const tool = z.looseObject({ type: z.string(), name: z.string().optional(), parameters: jsonSchema.default({}) })
const body = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  instructions: z.string().nullish(),
  input: z.union([z.string().transform(content => [item.parse({ role: 'user', content })]), z.array(item)]),
  tools: z.array(tool).nullish(),
  text: z
    .looseObject({ format: z.looseObject({ type: z.string(), schema: jsonSchema.optional() }).optional() })
    .nullish(),
})

type Item = z.infer<typeof item>

export const responses: Wire = {
  read(input) {
    const { model, stream, instructions, input: items, tools, text } = body.parse(input)
    const notes = items.filter(isInstruction).flatMap(({ content }) => content ?? [])
    const format = text?.format
    return {
      api: 'responses',
      model,
      isStreamed: stream,
      system: [...(instructions ? [instructions] : []), ...notes.map(textOf)].join('\n'),
      turns: items.flatMap(turnsOf),
      tools: (tools ?? []).flatMap(toolsOf),
      answerSchema: format && format.type !== 'text' ? (format.schema ?? {}) : undefined,
    }
  },
  encoder: request => new ResponseEvents(request),
  whole: (request, { text, calls }) => ({
    ...response(request, 'completed'),
    output: [...(text || calls.length === 0 ? [textItem(text)] : []), ...calls.map(call => callItem(call))],
  }),
  refuse: openaiRefusal,
}

function isInstruction({ type, role }: Item): boolean {
  return type === 'message' && (role === 'developer' || role === 'system')
}

function turnsOf(item: Item): readonly Turn[] {
  if (item.output !== undefined && item.call_id !== undefined) {
    const text = typeof item.output === 'string' ? item.output : item.output.map(textOf).join('\n')
    return [{ by: 'tool', callId: item.call_id, text }]
  }
  if (item.type !== 'message' || item.role === 'assistant') return [{ by: 'model' }]
  return isInstruction(item) ? [] : (item.content ?? []).map(part => ({ by: 'user', text: textOf(part) }))
}

function toolsOf({ type, name, parameters }: z.infer<typeof tool>) {
  if (type === 'local_shell') return [{ name: 'local_shell', kind: 'local_shell' as const, parameters: {} }]
  return [functionTool(name ?? type, parameters)]
}
