/** agency.yaml: one schema, one error format, overridden by AGENCY_* variables. */
import { z } from 'zod'
import { AgencyError } from '../kernel/errors.ts'
import { readText } from '../kernel/plainFile.ts'
import { NOTICE_KINDS } from '../model/notice.ts'
import { isTimeZone, parseQuiet } from '../model/quiet.ts'
import { readYaml } from './yaml.ts'

const seconds = (fallback: number) => z.number().positive().max(86_400).default(fallback)
const days = (fallback: number) => z.number().positive().max(36_500).default(fallback)

export const settingsSchema = z.strictObject({
  repo: z.string().optional().describe('repository of agencies that name none, relative to this file'),
  driver: z.string().default('claude').describe('driver of agents that name none'),
  tmux: z
    .strictObject({
      socket: z
        .string()
        .regex(/^[\w.-]{1,64}$/)
        .optional()
        .describe('name of a tmux server of its own (tmux -L NAME)'),
      config: z
        .string()
        .optional()
        .describe('file read in place of tmux.conf when the server is started (tmux -f FILE)'),
    })
    .prefault({}),
  groups: z
    .record(z.string(), z.array(z.string()))
    .default({})
    .describe('names for broadcast --to, each a list of agencies'),
  delivery: z
    .strictObject({
      ttl: z.number().positive().optional().describe('seconds a message may wait, when its sender names none'),
      maxAttempts: z.number().int().min(1).max(100).default(5).describe('hand-overs before a delivery is dead'),
      confirmTimeout: seconds(30).describe(
        'seconds a script agent has to answer a line before its delivery is unknown; agents that are typed into are looked at instead',
      ),
      ackTimeout: seconds(600).describe('seconds to wait for an ack that was asked for'),
      mailOver: z
        .number()
        .int()
        .min(64)
        .max(8192)
        .default(1024)
        .describe('bytes over which a body is typed as the path of a file; script agents get one over 4000'),
    })
    .prefault({}),
  supervision: z
    .strictObject({
      tick: z.number().min(0.2).max(60).default(2).describe('seconds between two looks at the tmux server'),
      backoffBase: seconds(2).describe(
        'seconds to wait after a second death within ten minutes; each further one waits twice as long',
      ),
      backoffMax: seconds(300).describe('seconds that such a wait is at most'),
      quarantineDeaths: z
        .number()
        .int()
        .min(1)
        .max(100)
        .default(5)
        .describe('deaths in ten minutes after which an agent is not started by itself'),
      statusEvery: z
        .number()
        .min(0)
        .max(604_800)
        .default(3600)
        .describe('seconds after which an agent that works and says nothing is asked for a STATUS; 0: never'),
    })
    .prefault({}),
  worktrees: z
    .strictObject({
      remindAfter: z
        .number()
        .min(0)
        .max(100_000)
        .default(30)
        .describe(
          'minutes that work may lie uncommitted before its agent is reminded, once in each such time; 0 is never',
        ),
    })
    .prefault({}),
  tasks: z
    .strictObject({
      lease: seconds(30).describe('seconds that a claim holds without a sign of life from its claimant'),
      maxAttempts: z
        .number()
        .int()
        .min(1)
        .max(100)
        .default(3)
        .describe('judgments that find a task bad before it has failed'),
      backoffBase: seconds(10).describe(
        'seconds before a task that was given up is tried again; each further time twice as long',
      ),
      backoffMax: seconds(600).describe('seconds that such a wait is at most'),
      checkTimeout: seconds(600).describe('seconds that one command of checks may take'),
    })
    .prefault({}),
  approvals: z
    .strictObject({
      expire: z
        .number()
        .positive()
        .max(3650)
        .default(14)
        .describe('days that finished work waits for a decision before it expires: silence approves nothing'),
      warn: z
        .number()
        .min(0)
        .max(3650)
        .default(1)
        .describe('days before that in which the person is warned; half of the time when that is less'),
    })
    .prefault({}),
  notices: z
    .strictObject({
      about: z
        .array(z.enum(NOTICE_KINDS))
        .default([...NOTICE_KINDS])
        .describe('what you are told of beside your inbox'),
      urgent: z
        .array(z.enum(NOTICE_KINDS))
        .default(['ungated', 'expires'])
        .describe('what passes quiet hours and waits for nothing'),
      tmux: z.boolean().default(true).describe('a line in the status bar of attached tmux clients, in quiet hours too'),
      bell: z.boolean().default(true).describe('the bell of their terminals'),
      desktop: z.boolean().default(true).describe('a notice on the desktop, where there is one'),
      quiet: z
        .string()
        .refine(text => parseQuiet(text) !== undefined, 'quiet hours are written 22:00-07:00')
        .optional()
        .describe('hours in which bell, desktop and webhook are held; what was held is summed up afterwards'),
      timeZone: z
        .string()
        .refine(isTimeZone, 'no such time zone: Europe/Berlin, for one')
        .optional()
        .describe("time zone of the quiet hours (default: this machine's)"),
      webhook: z
        .strictObject({
          url: z
            .url({ protocol: /^https?$/ })
            .refine(text => new URL(text).username === '', 'no user or password belongs into it')
            .optional()
            .describe('where each notice is posted as JSON, signed'),
          secretFile: z
            .string()
            .optional()
            .describe('file that holds the secret of the signature, relative to this file'),
          secretEnv: z
            .string()
            .regex(/^[A-Za-z_]\w*$/)
            .optional()
            .describe('variable of the environment of the daemon that holds it instead'),
          timeout: z.number().min(0.1).max(60).default(10).describe('seconds that it may take to answer'),
        })
        .prefault({}),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      humanFactor: z
        .number()
        .min(0)
        .max(1000)
        .default(1)
        .describe('minutes that a person would need for one of an agent, where a task has no estimate of its own'),
    })
    .prefault({}),
  keep: z
    .strictObject({
      mail: days(7).describe('days that a body stays in registry/mail after its last delivery has come to its end'),
      checks: days(30).describe('days that the output of checks stays in registry/checks after its task has ended'),
      rejected: days(30).describe('days that a rejected file stays in registry/outbox/rejected'),
      log: z
        .number()
        .positive()
        .max(10_000)
        .default(10)
        .describe(
          'megabytes over which a log is put aside as .1, and the output of a script agent when its program starts again',
        ),
      logs: z.number().int().min(1).max(100).default(3).describe('how many such logs are kept of each'),
    })
    .prefault({}),
  log: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('least level of what the daemon writes into registry/agencyd.log'),
})

export type Settings = z.infer<typeof settingsSchema>

export async function readSettings(file: string, env: NodeJS.ProcessEnv): Promise<Settings> {
  let text: string
  try {
    text = await readText(file)
  } catch (cause) {
    throw new AgencyError('NO_WORKSPACE', `${file} cannot be read`, { hint: 'agency init', cause })
  }
  return override(parseSettings(text, file), env)
}

export function parseSettings(text: string, file: string): Settings {
  return readYaml(text, file, settingsSchema, {})
}

function override(settings: Settings, env: NodeJS.ProcessEnv): Settings {
  const socket = env.AGENCY_TMUX_SOCKET
  const config = env.AGENCY_TMUX_CONFIG
  const log = settingsSchema.shape.log.safeParse(env.AGENCY_LOG)
  return {
    ...settings,
    driver: env.AGENCY_DRIVER || settings.driver,
    tmux: { ...settings.tmux, ...(socket ? { socket } : {}), ...(config ? { config } : {}) },
    log: env.AGENCY_LOG && log.success ? log.data : settings.log,
  }
}
