/** The plainest value that a JSON schema allows, for answers that a program reads and no person sees. */
import type { JsonSchema } from './conversation.ts'

export function sample(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const
  // "Who speaks next?": the person. Anything else starts another turn.
  if (schema.enum) return schema.enum.includes('user') ? 'user' : schema.enum[0]
  if (schema.anyOf?.[0]) return sample(schema.anyOf.find(option => option.type === 'null') ?? schema.anyOf[0])
  const types: readonly (string | undefined)[] = Array.isArray(schema.type) ? schema.type : [schema.type as string]
  return ofType(types[0]?.toLowerCase(), schema)
}

function ofType(type: string | undefined, schema: JsonSchema): unknown {
  if (type === 'array') return []
  if (type === 'boolean') return false
  if (type === 'number' || type === 'integer') return schema.minimum ?? 0
  if (type === 'null') return null
  if (type === 'object' || schema.properties) return ofObject(schema)
  return type === 'string' ? 'rehearsal' : {}
}

function ofObject({ properties = {}, required }: JsonSchema): Record<string, unknown> {
  const names = required ?? Object.keys(properties)
  return Object.fromEntries(names.map(name => [name, sample(properties[name] ?? {})]))
}
