/** The form of templates/drivers/*.yaml. */
import { z } from 'zod'

const regex = z.string().superRefine((text, context) => {
  try {
    new RegExp(text, 'u')
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
  }
})

/** A plain word, or a group that is left out as a whole when one of its {placeholders} has no value. */
const argument = z.union([z.string(), z.array(z.string())])

const rule = z.strictObject({
  name: z.string(),
  state: z.enum(['ready', 'busy', 'waiting', 'limited', 'starting']),
  /** Matched against the last `lines` non-empty lines, joined by newlines. */
  screen: regex.optional(),
  title: regex.optional(),
  lines: z.number().int().min(1).max(200).default(16),
})

export const profileSchema = z.strictObject({
  title: z.string(),
  doors: z.array(z.enum(['process', 'typing'])),
  install: z.string().optional(),
  command: z.array(argument).min(1),
  /** Added at a first start, and at a start that resumes the conversation. */
  start: z.array(argument).default([]),
  resume: z.array(argument).optional(),
  env: z.record(z.string(), z.string()).default({}),
  unset: z.array(z.string()).default([]),
  /** Files written before each start: path → text, both with {placeholders}. */
  files: z.record(z.string(), z.string()).default({}),
  typing: z
    .strictObject({
      pasteWindowMs: z.number().min(0).max(5000).default(500),
      composerWaitMs: z.number().min(0).max(10_000).default(2000),
      confirmWaitMs: z.number().min(50).max(30_000).default(1500),
    })
    .prefault({}),
  composer: z
    .strictObject({
      /** The line that begins the composer; group `text` is what stands in it. */
      first: regex,
      /** The line after its last one. Without it the composer has one line. */
      end: regex.optional(),
      /** Shown in an empty composer. */
      placeholder: regex.optional(),
      /** Stands for a long paste. */
      chip: regex.optional(),
      lines: z.number().int().min(1).max(200).default(24),
    })
    .optional(),
  queued: regex.optional(),
  /** First that matches decides; dialogs therefore first. */
  rules: z.array(rule).default([]),
  hooks: z
    .strictObject({
      /** The end of a program is told by its runner, and not by a hook. */
      states: z.record(z.string(), z.enum(['ready', 'busy', 'waiting'])),
      /** The event that says a prompt was taken, and the field of its payload that holds it. */
      prompt: z.strictObject({ event: z.string(), field: z.string() }).optional(),
      question: z.strictObject({ event: z.string(), field: z.string() }).optional(),
      /** True when these events tell every change: the screen is then read only to type. */
      complete: z.boolean().default(false),
    })
    .optional(),
})

export type Profile = z.infer<typeof profileSchema>
