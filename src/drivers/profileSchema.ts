/** The form of templates/drivers/*.yaml. */
import { z } from 'zod'
import { KEYS } from '../terminal/terminal.ts'

const regex = z.string().superRefine((text, context) => {
  try {
    new RegExp(text, 'u')
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
  }
})

/** A plain word, or a group that is left out as a whole when one of its {placeholders} has no value. */
const argument = z.union([z.string(), z.array(z.string())])
const keys = z.array(z.enum(KEYS)).min(1)

const rule = z.strictObject({
  name: z.string(),
  state: z.enum(['ready', 'busy', 'waiting', 'limited', 'starting']),
  /** Matched against the last `lines` non-empty lines, joined by newlines. Groups: `until` of a limit, when it ends; `question` of a dialog, its words. */
  screen: regex.optional(),
  title: regex.optional(),
  lines: z.number().int().min(1).max(200).default(16),
  /** What the person has to do, where a choice of keys does not help: log in, update. */
  hint: z.string().optional(),
  /** For `waiting`: choice → keys. */
  answers: z.record(z.string(), keys).default({}),
})

const field = z.strictObject({ event: z.string().optional(), field: z.string() })

/** `event`, and where given the value of `field` (dots lead inward) that `matches`: the first that fits decides. */
const hookRule = z.strictObject({
  event: z.string(),
  field: z.string().optional(),
  matches: regex.optional(),
  state: z.enum(['ready', 'busy', 'waiting', 'limited', 'same']),
})

/** A program that takes prompts without typing. */
const api = z.discriminatedUnion('kind', [
  /** A file that the program follows: `line` is appended for each prompt, {text:json} is the prompt. */
  z.strictObject({ kind: z.literal('lines'), file: z.string(), line: z.string() }),
  /** A folder out of which an extension in the program takes one JSON file {id, text, interrupts} after the other. */
  z.strictObject({ kind: z.literal('spool'), folder: z.string() }),
  /** opencode's HTTP server on {port}, and the file that holds its password. */
  z.strictObject({ kind: z.literal('opencode'), passwordFile: z.string() }),
])

export const profileSchema = z.strictObject({
  title: z.string(),
  /** npm package, and the version this profile was tried with; without it, it was written from documentation only. */
  package: z.string().optional(),
  tried: z.string().optional(),
  doors: z.array(z.enum(['api', 'hook', 'process', 'typing'])),
  install: z.string().optional(),
  command: z.array(argument).min(1),
  /** Added at a first start, and at a start that resumes the conversation. */
  start: z.array(argument).default([]),
  resume: z.array(argument).optional(),
  /** Added where an MCP server of ours is to be registered for this one agent. */
  mcp: z.array(argument).optional(),
  /** True: {port} is a free port on loopback. */
  port: z.boolean().default(false),
  env: z.record(z.string(), z.string()).default({}),
  unset: z.array(z.string()).default([]),
  /** Files written before each start: path → text, both with {placeholders}; {name:json} quotes, {secret} is a new one. */
  files: z.record(z.string(), z.string()).default({}),
  /** For programs whose settings or conversations lie in the person's own folder only: the agent sees it through one of links. */
  overlay: z
    .strictObject({
      /** Environment variable that tells the program where that folder, or the one around it, lies. */
      variable: z.string(),
      /** What it says where the person has not set it, below HOME. */
      home: z.string().default(''),
      /** The folder inside of that. */
      folder: z.string().default(''),
      /** Names in it that are the agent's own: neither linked nor written. */
      own: z.array(z.string()).default([]),
      /** File in it → settings that are laid over the person's. */
      json: z.record(z.string(), z.string()).default({}),
    })
    .optional(),
  typing: z
    .strictObject({
      pasteWindowMs: z.number().min(0).max(5000).default(500),
      composerWaitMs: z.number().min(0).max(10_000).default(2000),
      confirmWaitMs: z.number().min(50).max(30_000).default(1500),
      queuesWhileBusy: z.boolean().default(false),
      /** What the program would not pass on as it is typed: a message that has it goes as a file. */
      alters: regex.optional(),
    })
    .prefault({}),
  interrupt: keys.optional(),
  /** Pressed only when the program has put a prompt of ours back into its composer. */
  clear: keys.optional(),
  composer: z
    .strictObject({
      /** The line that begins the composer; group `text` is what stands in it. */
      first: regex,
      /** The line after its last one. Without it the composer has one line. */
      end: regex.optional(),
      /** Taken off each further line: a border, an indent. */
      edge: regex.optional(),
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
      states: z.record(z.string(), z.enum(['ready', 'busy', 'waiting'])).default({}),
      /** Looked at before `states`. */
      rules: z.array(hookRule).default([]),
      /** The event that says a prompt was taken, and the field of its payload that holds it. */
      prompt: z.strictObject({ event: z.string(), field: z.string() }).optional(),
      /** The words of a dialog: text with {fields} of the event's payload. */
      question: z.strictObject({ event: z.string(), text: z.string() }).optional(),
      /** Where the program tells its own name of the conversation; without an event, any that has the field. */
      conversation: field.optional(),
      /** Where it tells the file in which it writes the conversation down. */
      transcript: field.optional(),
      /**
       * The event at a turn's end whose hook may answer with the next prompt: {text:json} in `answer`. `atMost`: how many answers
       * in a row, told by `stop_hook_active` in its payload, the program takes before it drops one.
       */
      boundary: z
        .strictObject({
          event: z.string(),
          answer: z.string(),
          atMost: z.number().int().min(1).optional(),
          /** What the program would not pass on as it is: a message that has it goes as a file. */
          alters: regex.optional(),
        })
        .optional(),
      /** True when these events tell every change: the screen is then read only to type. */
      complete: z.boolean().default(false),
    })
    .optional(),
  api: api.optional(),
  /** Without it the program is not started behind a wall: nobody has said what it needs there. */
  isolated: z
    .strictObject({
      /** Variables of the person's environment that it gets, such as those with its provider's key; `NAME_*` is all that begin so. */
      environment: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*\*?$/)).default([]),
      /** Set in place of `env`; {own} is a folder of the agent's own, which stays. */
      env: z.record(z.string(), z.string()).default({}),
      /** File of the person, from ~ → its place below {own}. Copied where it is newer, so that what an agent writes there nobody else reads. */
      copies: z.record(z.string().startsWith('~/'), z.string().startsWith('{own}/')).default({}),
      /** Variable by which the person may have put a folder elsewhere → where it is without, such as ~/.claude: for the copies. */
      homes: z.record(z.string(), z.string().regex(/^~/)).default({}),
      /** Folders of ours that are there before each start, for it to read. */
      folders: z.array(z.string().startsWith('{run}/')).default([]),
      /** It builds walls of its own inside, which the kernel refuses to root: started by root, it is nobody there. */
      buildsWalls: z.boolean().default(false),
    })
    .optional(),
  /** Its transcript says how many tokens each answer has used, in a form that src/supervisor/tokenCount.ts reads. */
  tellsTokens: z.boolean().default(false),
})

export type Profile = z.infer<typeof profileSchema>
