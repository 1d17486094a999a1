/** Every setting with its meaning, read from the schema, so that none can be without one or have another. */
import { z } from 'zod'
import { type Settings, settingsSchema } from './settings.ts'

export interface ExplainedSetting {
  /** As `agency config` takes it: `delivery.maxAttempts`. */
  readonly name: string
  readonly about: string
  /** Undefined when it is not set and has no default. */
  readonly value: unknown
}

interface SchemaNode {
  readonly description?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
}

export function explainSettings(settings: Settings): readonly ExplainedSetting[] {
  return leaves(z.toJSONSchema(settingsSchema) as SchemaNode, settings, '')
}

function leaves(node: SchemaNode, value: unknown, name: string): readonly ExplainedSetting[] {
  if (!node.properties) return [{ name, about: node.description ?? '', value }]
  return Object.entries(node.properties).flatMap(([key, inner]) =>
    leaves(inner, (value as Record<string, unknown>)[key], name === '' ? key : `${name}.${key}`),
  )
}
