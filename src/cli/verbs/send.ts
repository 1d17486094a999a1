import { AgencyError } from '../../kernel/errors.ts'
import { sendOrLeave } from '../leaving.ts'
import { draftOf, readBody, SENDING_OPTIONS, WAIT_OPTIONS } from '../sending.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'send',
  arguments: [
    {
      form: '<words...>',
      about:
        'TARGET BODY, or AGENCY AGENT BODY; TARGET: Agency/agent, an agency (its coordinator), or human; BODY - reads standard input',
    },
  ],
  words: ['target'],
  options: [
    ...SENDING_OPTIONS,
    { form: '--nudge', about: 'the same words that still wait for it are enough: no second delivery' },
    { form: '--now', about: 'interrupt what the recipient is doing; urgent' },
    { form: '--queue', about: 'put it into the program’s own queue while it works, where it has one' },
    { form: '--id <uuid>', about: 'id of the message (UUIDv7), when yours is to be kept' },
    ...WAIT_OPTIONS,
  ],
  examples: [
    'agency send CodeAgency "TASK-001: add a health endpoint"',
    'agency send CodeAgency/python-agent "QUESTION: which port?" --wait confirmed',
    'agency send CodeAgency coordinator "STATUS?" --nudge',
    `agency send --from CodeAgency QAAgency '{"type":"handoff","task":"TASK-001","branch":"main"}'`,
    'agency send CodeAgency/go-agent "stop: the interface has changed" --now',
    'git diff | agency send CodeAgency/code-reviewer -',
  ],

  async run(context, [given], options) {
    const { to, body } = split(given as unknown as string[])
    const draft = {
      ...draftOf(options),
      to,
      body: readBody(body),
      nudge: options.nudge,
      whileBusy: whileBusy(options),
      id: options.id,
    }
    return sendOrLeave(context, '/v1/messages', draft)
  },
}

function whileBusy({ now, queue }: Readonly<Record<string, unknown>>): 'interrupt' | 'queue' | undefined {
  if (now && queue)
    throw new AgencyError('USAGE', '--now interrupts and --queue does not: give one of them', {
      hint: 'agency send --help',
    })
  return now ? 'interrupt' : queue ? 'queue' : undefined
}

function split(words: readonly string[]): { to: string; body: string } {
  const [first, second, third] = words as [string, string?, string?]
  if (words.length > 3)
    throw new AgencyError('USAGE', `${words.length} words were given: the body must be one, in quotes`, {
      hint: `agency send ${first} "…"`,
    })
  if (third !== undefined) return { to: `${first}/${second}`, body: third }
  if (second !== undefined) return { to: first, body: second }
  if (!process.stdin.isTTY) return { to: first, body: '-' }
  throw new AgencyError('USAGE', 'there is no body', { hint: `agency send ${first} "…"` })
}
