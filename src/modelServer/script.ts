/** The script of the model server: rules that say what the model answers to which text. Shape, checks and reading. */
import { z } from 'zod'
import { readYaml } from '../config/yaml.ts'

const regex = z.string().refine(isRegex, { error: 'is not a regular expression' })
const text = z.coerce.string()

const fail = z
  .strictObject({
    status: z.number().int().min(400).max(599),
    /** Seconds. */
    retryAfter: z.number().nonnegative().optional(),
    /** When the usage limit ends: a time, or seconds from now. */
    resetAt: z.iso.datetime({ offset: true, error: 'is a time such as 2030-01-31T15:00:00Z' }).optional(),
    resetIn: z.number().nonnegative().optional(),
    message: z.string().optional(),
  })
  .refine(value => value.resetAt === undefined || value.resetIn === undefined, {
    error: 'has resetAt or resetIn, not both',
  })

const run = z.strictObject({
  command: z.string().min(1),
  /** Where a program has a sandbox, such as Codex: it must ask the person first. */
  outsideSandbox: z.boolean().default(false),
})

const actions = {
  /** The model's words. */
  say: text,
  /** A shell command: a call of the program's own shell tool. The next step follows its result. */
  run: z.preprocess(value => (typeof value === 'string' ? { command: value } : value), run),
  /** Seconds of a slow turn, with a bit of text now and then. */
  wait: z.number().nonnegative().max(86_400),
  fail: z.preprocess(value => (typeof value === 'number' ? { status: value } : value), fail),
  /** The connection is destroyed in the middle of the answer. */
  cut: z.literal(true, { error: 'is true or not there' }),
}

export type ActionName = keyof typeof actions
/** Exactly one of them is there. */
export type Step = { readonly [K in ActionName]?: z.infer<(typeof actions)[K]> }
export type Fail = NonNullable<Step['fail']>
export type Run = NonNullable<Step['run']>

const step: z.ZodType<Step> = z
  .strictObject(z.object(actions).partial().shape)
  .refine(value => Object.keys(value).length === 1, { error: 'has exactly one action' })

const script = z.strictObject({
  name: z.string().optional(),
  rules: z
    .array(
      z.strictObject({
        match: regex.default(''),
        /** How often the rule acts; the rules below it come after that. */
        times: z.number().int().positive().optional(),
        do: z.array(step).min(1, { error: 'has at least one step' }),
      }),
    )
    .default([]),
})

export type Script = z.infer<typeof script>
export type Rule = Script['rules'][number]

export const EMPTY_SCRIPT: Script = { rules: [] }

/** A mistake is told with file, line and path. */
export function parseScript(source: string, file = 'script'): Script {
  return readYaml(source, file, script, {})
}

function isRegex(source: string): boolean {
  try {
    new RegExp(source, 's')
    return true
  } catch {
    return false
  }
}
