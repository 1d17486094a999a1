/** OpenAI Responses: `POST /v1/responses`. */
import { z } from 'zod'
import type { Tool, Turn } from '../conversation.ts'
import { openaiRefusal } from './openaiFailure.ts'
import { callItem, ResponseEvents, response, textItem } from './responseEvents.ts'
import { block, blocks, functionTool, jsonSchema, textOf } from './schemas.ts'
import type { Wire } from './wire.ts'

/** The newest models get their tools in namespaces, in an item of the input. */
const lone = z.looseObject({ type: z.string(), name: z.string().optional(), parameters: jsonSchema.default({}) })
const tool = lone.extend({ tools: z.array(lone).optional() })
const item = z.looseObject({
  type: z.string().default('message'),
  role: z.string().optional(),
  content: blocks.nullish(),
  call_id: z.string().optional(),
  output: z.union([z.string(), z.array(block)]).optional(),
  tools: z.array(tool).optional(),
})
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
      tools: [...(tools ?? []), ...items.flatMap(part => part.tools ?? [])].flatMap(toolsOf),
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

function isInstruction({ role }: Item): boolean {
  return role === 'developer' || role === 'system'
}

function turnsOf(item: Item): readonly Turn[] {
  if (item.output !== undefined && item.call_id !== undefined) {
    const text = typeof item.output === 'string' ? item.output : item.output.map(textOf).join('\n')
    return [{ by: 'tool', callId: item.call_id, text }]
  }
  if (isInstruction(item)) return []
  if (item.type !== 'message' || item.role === 'assistant') return [{ by: 'model' }]
  return (item.content ?? []).map(part => ({ by: 'user', text: textOf(part) }))
}

function toolsOf({ tools, name: namespace, ...alone }: z.infer<typeof tool>): readonly Tool[] {
  if (!tools) return [toolOf({ ...alone, name: namespace })]
  return tools.map(inner => ({ ...toolOf(inner), namespace }))
}

function toolOf({ type, name = type, parameters }: z.infer<typeof lone>): Tool {
  if (type === 'local_shell') return { name, kind: 'local_shell', parameters: {} }
  return type === 'custom' && name === 'exec' ? { name, kind: 'code', parameters: {} } : functionTool(name, parameters)
}
