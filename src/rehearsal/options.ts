/** The command line of the rehearsal agent, with what the environment adds. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AgencyError } from '../kernel/errors.ts'

export const USAGE = `usage: rehearsal [options] [prompt]

  --playbook FILE      what to do when which message arrives (YAML)
  --name NAME          name in the footer
  --role FILE          briefing of the agent
  --log FILE           received log, JSON lines          (default $AGENCY_RUN/received.jsonl)
  --hook CMD           run as \`CMD EVENT\`, JSON on stdin
  --session-id UUID    name of a new conversation
  --resume UUID        go on with a conversation
  --misbehave SPEC     faults of real programs, such as swallow-enter:2,busy-for:500
  --state FILE         counts of faults, kept over restarts (default $AGENCY_RUN/rehearsal-state.json)
  --paste-window MS    an Enter this soon after a paste is text (default 100)
`

const FLAGS = {
  playbook: { type: 'string' },
  name: { type: 'string' },
  role: { type: 'string' },
  log: { type: 'string' },
  hook: { type: 'string' },
  'session-id': { type: 'string' },
  resume: { type: 'string' },
  misbehave: { type: 'string' },
  state: { type: 'string' },
  'paste-window': { type: 'string', default: '100' },
  help: { type: 'boolean', short: 'h' },
} as const

export type Options = ReturnType<typeof readOptions>

export function readOptions(argv: readonly string[], env: Readonly<Record<string, string | undefined>>) {
  const { values, positionals } = parse(argv)
  const sessionId = values.resume ?? values['session-id'] ?? randomUUID()
  if (!/^[\w-]{1,80}$/.test(sessionId)) throw new AgencyError('USAGE', `${JSON.stringify(sessionId)} is no session id`)
  const pasteWindowMs = Number(values['paste-window'])
  if (!(pasteWindowMs >= 0)) throw new AgencyError('USAGE', '--paste-window takes milliseconds')
  const run = env.AGENCY_RUN
  const inRun = (file: string) => (run ? join(run, file) : undefined)
  return {
    isHelp: values.help ?? false,
    playbook: values.playbook,
    name: values.name,
    role: values.role,
    hook: values.hook,
    sessionId,
    isResumed: values.resume !== undefined,
    pasteWindowMs,
    misbehave: [env.AGENCY_REHEARSAL_MISBEHAVE, values.misbehave].filter(Boolean).join(','),
    logPath: values.log ?? inRun('received.jsonl'),
    statePath: values.state ?? inRun('rehearsal-state.json'),
    sessionPath: inRun(`session-${sessionId}.jsonl`),
    prompt: positionals.join(' '),
    identity: env.AGENCY_AGENT ?? '',
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true })
  } catch (error) {
    throw new AgencyError('USAGE', (error as Error).message, { hint: '--help' })
  }
}
