/** What is said goes to the daemon, or waits in the outbox for the next one: it is never lost, and never called sent before it is. */
import { AgencyError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { SentDocument } from './documents.ts'
import { showSent, tellWait } from './sending.ts'
import type { Context, Result } from './verb.ts'

type Draft = Readonly<Record<string, unknown>>

interface Saying {
  readonly path: string
  readonly draft: Draft
  /** What a file has to say that the path says to a daemon. */
  readonly inFile?: Draft
  /** What it is, for whoever has to wait. */
  readonly what: string
}

/** A message: sent and shown, or left, and then said to be no further than that. */
export async function sendOrLeave(context: Context, { path, draft, inFile }: Omit<Saying, 'what'>): Promise<Result> {
  const { wait, timeoutMs, ...message } = draft
  // Who would wait for the ack wants one, with a daemon and without.
  const ack = message.ack ?? (wait === 'acked' || undefined)
  const sent = await sayOrLeave(
    context,
    { path, draft: { ...message, ack }, inFile, what: 'the message' },
    { wait, timeoutMs },
  )
  if (!sent.isLeft) return showSent(context, sent.answer as SentDocument, wait)
  const data = { id: sent.id, outbox: true, deliveries: [] }
  return { data, text: inOutbox(sent.id), exitCode: wait === undefined ? 0 : 6 }
}

type Said = { readonly isLeft: false; readonly answer: unknown } | { readonly isLeft: true; readonly id: string }

/** Named here, so that a daemon which dies between taking it and saying so finds it in the outbox as the same. */
async function sayOrLeave(context: Context, { path, draft, inFile, what }: Saying, waiting: Draft = {}): Promise<Said> {
  const named = { ...draft, id: draft.id ?? newId() }
  try {
    const client = await context.client()
    tellWait(context, waiting.wait)
    return { isLeft: false, answer: await client.send('POST', path, { ...named, ...waiting }) }
  } catch (error) {
    if (!(error instanceof AgencyError) || !meansNoDaemon(error)) throw error
    const { writeOutboxFile } = await import('./outboxFile.ts')
    const id = await writeOutboxFile(context, { ...named, ...inFile })
    context.note(
      context.env.AGENCY_OUTBOX
        ? `${error.message}; ${what} waits, and goes when a daemon runs again`
        : `${error.message}; ${what} waits in registry/outbox/new and goes when a daemon runs: agency daemon start`,
    )
    return { isLeft: true, id }
  }
}

function inOutbox(id: string): string {
  return `${id.slice(-8)}  in the outbox`
}

/** It does not answer, or it cannot come up: its place, its disk, its store or its settings are not as it needs them. */
function meansNoDaemon({ code, exitCode }: AgencyError): boolean {
  return exitCode === 8 || code === 'NEWER_STORE' || code === 'BAD_DEFINITION'
}
