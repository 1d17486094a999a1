/** zod pieces that all providers' forms share. */
import { z } from 'zod'
import type { JsonSchema, Tool } from '../conversation.ts'

/** JSON Schema of a tool or an answer: read leniently, since programs send every dialect of it. */
export const jsonSchema = z.record(z.string(), z.unknown()).catch({}) as unknown as z.ZodType<JsonSchema>

/** `{text}` blocks; of anything else (an image, a file) only its kind is kept. */
export const block = z.looseObject({ type: z.string().optional(), text: z.string().optional() })
export const blocks = blocksOf(block)

/** A lone text stands for one block. */
export function blocksOf<S extends z.ZodType>(schema: S) {
  return z.preprocess(value => (typeof value === 'string' ? [{ type: 'text', text: value }] : value), z.array(schema))
}

export function textOf(value: z.infer<typeof block>): string {
  return value.text ?? `[${value.type ?? 'part'}]`
}

export function functionTool(name: string, parameters: JsonSchema): Tool {
  return { name, kind: 'function', parameters }
}
