import { AgencyError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { SentDocument } from '../documents.ts'
import { draftOf, readBody, SENDING_OPTIONS, showSent, tellWait, WAIT_OPTIONS } from '../sending.ts'
import type { Context, Result, Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'send',
  arguments: [
    {
      form: '<words...>',
      about:
        'TARGET BODY, or AGENCY AGENT BODY; TARGET: Agency/agent, an agency (its coordinator), or human; BODY - reads standard input',
    },
  ],
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
    // Named here, so that a daemon which dies between taking it and saying so finds it in the outbox as the same message.
    const id = options.id ?? newId()
    const draft = {
      ...draftOf(options),
      to,
      body: readBody(body),
      nudge: options.nudge,
      whileBusy: whileBusy(options),
      id,
    }
    try {
      const client = await context.client()
      tellWait(context, options.wait)
      return showSent(context, (await client.send('POST', '/v1/messages', draft)) as SentDocument, options.wait)
    } catch (error) {
      if (!(error instanceof AgencyError) || !meansNoDaemon(error)) throw error
      return leaveInOutbox(context, draft, error)
    }
  },
}

function whileBusy({ now, queue }: Readonly<Record<string, unknown>>): 'interrupt' | 'queue' | undefined {
  if (now && queue)
    throw new AgencyError('USAGE', '--now interrupts and --queue does not: give one of them', {
      hint: 'agency send --help',
    })
  return now ? 'interrupt' : queue ? 'queue' : undefined
}

/** It does not answer, or it cannot come up: its place, its disk, its store or its settings are not as it needs them. */
function meansNoDaemon({ code, exitCode }: AgencyError): boolean {
  return exitCode === 8 || code === 'NEWER_STORE' || code === 'BAD_DEFINITION'
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

/** Without a daemon the message is kept in the outbox, and the next daemon takes it in; that is said, and never called sent. */
async function leaveInOutbox(context: Context, draft: Record<string, unknown>, cause: AgencyError): Promise<Result> {
  const { writeOutboxFile } = await import('../outboxFile.ts')
  const { wait, timeoutMs: _, ...kept } = draft
  // Who would have waited for the ack wants one, as with a daemon.
  const ack = kept.ack ?? (wait === 'acked' || undefined)
  const id = await writeOutboxFile(context, { ...kept, ack })
  context.note(
    context.env.AGENCY_OUTBOX
      ? `${cause.message}; the message waits, and goes when a daemon runs again`
      : `${cause.message}; the message waits in registry/outbox/new and goes when a daemon runs: agency daemon start`,
  )
  return {
    data: { id, outbox: true, deliveries: [] },
    text: `${id.slice(-8)}  in the outbox`,
    exitCode: wait === undefined ? 0 : 6,
  }
}
