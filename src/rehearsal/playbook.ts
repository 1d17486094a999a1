/** The playbook: rules that say what the rehearsal agent does when a message arrives. Shape, checks and reading. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { AgencyError } from '../kernel/errors.ts'

const regex = z.string().refine(isRegex, { error: 'is not a regular expression' })
const text = z.coerce.string()

const when = z.strictObject({
  type: z.string().optional(),
  from: regex.optional(),
  body: regex.optional(),
  payload: z.record(z.string(), text).optional(),
  once: z.boolean().optional(),
})

const run = z.strictObject({
  command: z.string(),
  allowFailure: z.boolean().default(false),
  timeoutMs: z.number().positive().default(600_000),
})

const actions = {
  say: text,
  sleep: z.number().nonnegative(),
  write: z.strictObject({ path: z.string(), content: z.string() }),
  replace: z.strictObject({ path: z.string(), find: z.string().min(1), with: z.string() }),
  run: z.preprocess(value => (typeof value === 'string' ? { command: value } : value), run),
  commit: z.string(),
  send: z.strictObject({ to: z.string(), body: z.string(), type: z.string().optional() }),
  sendJson: z.strictObject({ to: z.string(), payload: z.record(z.string(), z.json()) }),
  reply: z.string(),
  handoff: z.strictObject({
    to: z.string(),
    task: z.string(),
    branch: z.string(),
    priority: z.string().optional(),
    notes: z.string().optional(),
    artifacts: z.array(z.string()).default([]),
  }),
  permission: z.string(),
  set: z.record(z.string(), text),
  misbehave: z.union([z.string(), z.record(z.string(), z.union([z.boolean(), z.null(), text]))]),
}

type ActionValues = { readonly [K in ActionName]?: z.infer<(typeof actions)[K]> }
export interface Step extends ActionValues {
  readonly if?: string
  readonly then?: readonly Step[]
  readonly else?: readonly Step[]
}

const condition = z.string().regex(/==|!=/, { error: 'is a comparison: A == B or A != B' })
const step: z.ZodType<Step> = z
  .strictObject({
    ...z.object(actions).partial().shape,
    if: condition.optional(),
    // biome-ignore lint/suspicious/noThenProperty: the word of the playbook; a step is never awaited as a value.
    get then() {
      return z.array(step).optional()
    },
    get else() {
      return z.array(step).optional()
    },
  })
  .refine(isOneAction, { error: 'has exactly one action' })

export const playbookSchema = z.strictObject({
  name: z.string().optional(),
  rules: z.array(z.strictObject({ when: when.default({}), do: z.array(step) })).default([]),
})

export type Playbook = z.infer<typeof playbookSchema>
export type Rule = Playbook['rules'][number]
export type ActionName = keyof typeof actions

function isRegex(source: string): boolean {
  try {
    new RegExp(source)
    return true
  } catch {
    return false
  }
}

function isOneAction(value: object): boolean {
  const keys = Object.keys(value)
  if (keys.includes('if')) return keys.every(key => ['if', 'then', 'else'].includes(key))
  return keys.length === 1 && Object.hasOwn(actions, keys[0]!)
}

export function parsePlaybook(source: string, name = 'playbook'): Playbook {
  const document = parseYaml(source, name)
  const result = playbookSchema.safeParse(document ?? {})
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const place = issue.path.map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  throw new AgencyError('BAD_DEFINITION', `${name}: ${place.replace(/^\./, '')} ${issue.message}`)
}

function parseYaml(source: string, name: string): unknown {
  try {
    return parse(source)
  } catch (error) {
    throw new AgencyError('BAD_DEFINITION', `${name}: ${(error as Error).message}`)
  }
}

export function loadPlaybook(path: string): Playbook {
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (error) {
    throw new AgencyError('NOT_FOUND', `playbook ${path} cannot be read: ${(error as Error).message}`)
  }
  return parsePlaybook(source, path)
}
