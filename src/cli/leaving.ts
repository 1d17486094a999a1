/** What is said goes to the daemon, or waits in the outbox for the next one: it is never lost, and never called sent before it is. */
import { AgencyError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { SentDocument, TaskDocument } from './documents.ts'
import { showSent, tellWait } from './sending.ts'
import type { Context, Result } from './verb.ts'

type Draft = Readonly<Record<string, unknown>>

interface Saying {
  readonly path: string
  readonly id: string
  /** For a daemon, which is told the rest by the path. */
  readonly draft: Draft
  readonly file: Draft
  /** Whoever has to wait reads what. */
  readonly what: string
}

/** A message: sent and shown, or left, and then said to be no further than that. */
export async function sendOrLeave(context: Context, path: string, draft: Draft, inFile: Draft = {}): Promise<Result> {
  const { wait, timeoutMs: _, ...message } = draft
  const id = typeof draft.id === 'string' ? draft.id : newId()
  // Who would wait for the ack wants one.
  const file = { ...message, ack: message.ack ?? (wait === 'acked' || undefined), ...inFile }
  const answer = await sayOrLeave(context, { path, id, draft, file, what: 'the message' }, () =>
    tellWait(context, wait),
  )
  if (answer !== LEFT) return showSent(context, answer as SentDocument, wait)
  return { data: { id, outbox: true, deliveries: [] }, text: inOutbox(id), exitCode: wait === undefined ? 0 : 6 }
}

/** What whoever has a task says of it: `how` it goes on with it, in the words of `draft`. */
export async function sayOfTaskOrLeave(
  context: Context,
  { task, how, draft }: { task: string; how: string; draft: Draft },
): Promise<Result | { readonly task: TaskDocument }> {
  const id = newId()
  const path = `/v1/tasks/${encodeURIComponent(task)}/${how}`
  const what = `what is said of ${task}`
  const answer = await sayOrLeave(context, { path, id, draft, file: { task, [how]: draft }, what })
  return answer === LEFT
    ? { data: { id, outbox: true }, text: inOutbox(id) }
    : (answer as { readonly task: TaskDocument })
}

const LEFT = Symbol('left in the outbox')

/** Named before it is said, so that a daemon which dies between taking it and saying so finds it in the outbox as the same. */
async function sayOrLeave(
  context: Context,
  { path, id, draft, file, what }: Saying,
  onOpen = () => {},
): Promise<unknown> {
  try {
    const client = await context.client()
    onOpen()
    return await client.send('POST', path, { ...draft, id })
  } catch (error) {
    if (!(error instanceof AgencyError) || !meansNoDaemon(error)) throw error
    const { writeOutboxFile } = await import('./outboxFile.ts')
    await writeOutboxFile(context, { ...file, id })
    context.note(
      context.env.AGENCY_OUTBOX
        ? `${error.message}; ${what} waits, and goes when a daemon runs again`
        : `${error.message}; ${what} waits in registry/outbox/new and goes when a daemon runs: agency daemon start`,
    )
    return LEFT
  }
}

function inOutbox(id: string): string {
  return `${id.slice(-8)}  in the outbox`
}

/** It does not answer, or not in time, or it cannot come up: its place, its disk, its store or its settings are not as it needs them. */
function meansNoDaemon({ code, exitCode }: AgencyError): boolean {
  return exitCode === 8 || code === 'TIMED_OUT' || code === 'NEWER_STORE' || code === 'BAD_DEFINITION'
}
