/** The connection to a running opencode: prompts go to its HTTP server, and its events tell what it does. */
import { sleep } from '../../kernel/abort.ts'
import { AgencyError } from '../../kernel/errors.ts'
import { isObject } from '../../kernel/json.ts'
import { readText } from '../../kernel/plainFile.ts'
import { showsSign } from '../../model/header.ts'
import type { Link, LinkContext } from '../driver.ts'
import { Account } from './account.ts'
import { isRefused, type OpencodeClient, opencodeClient } from './client.ts'
import { followEvents } from './events.ts'
import { messageId } from './messageId.ts'

/** A server that has just begun to listen lets its first requests hang: they are given up early and made again. */
const FIRST_ANSWER_MS = 2_000
const ASK_AGAIN_MS = 150
const START_MS = 90_000
/** Its screen comes up seconds after its server, and says nowhere that it has; what it is told before is lost. */
const SHOW_FOR_MS = 30_000
const SHOW_EVERY_MS = 1_000
/** A hand-over is looked for soon after it was made. */
const LATEST = 60
/** Its server says that it has taken a prompt before it has written it down; on a machine at its limit that takes a while. */
const WRITTEN_MS = 20_000

/** `passwordFile`: holds the password of its server. AgencyError('ENVIRONMENT') when its server does not answer. */
export async function connectOpencode(context: LinkContext, passwordFile: string): Promise<Link> {
  const { port, emit, signal: given } = context
  if (port === undefined) throw new AgencyError('ENVIRONMENT', 'opencode was started without a port')
  const end = new AbortController()
  given.addEventListener('abort', () => end.abort(), { once: true })
  if (given.aborted) end.abort()
  try {
    const password = await readText(passwordFile).catch(() => undefined)
    const client = opencodeClient(port, password?.trim(), end.signal)
    await firstAnswer(client, port, end.signal)
    const known = await resumed(client, context.conversation)
    const conversation = known ?? (await create(client, context.address))
    emit('conversation', { conversation })
    const showing = known ? Promise.resolve() : show(client, conversation, end.signal)
    return link(client, conversation, { emit, end, showing })
  } catch (error) {
    end.abort()
    throw error
  }
}

function link(
  client: OpencodeClient,
  conversation: string,
  { emit, end, showing }: { emit: LinkContext['emit']; end: AbortController; showing: Promise<void> },
): Link {
  const account = new Account(conversation, emit)
  const opened = async () => {
    const [status, permissions, questions] = await Promise.all(
      ['/session/status', '/permission', '/question'].map(path => client.get(path)),
    )
    const requests = [permissions, questions].flatMap(answer => (Array.isArray(answer?.body) ? answer.body : []))
    account.restate({ status: status?.body, requests })
  }
  let latest: { readonly sign: string; readonly at: number } | undefined
  const events = followEvents(client, { opened, event: event => account.take(event) }, end.signal)

  return {
    canInterrupt: true,
    obstacle: () => (events.isOpen ? undefined : 'its events are not heard just now'),

    async submit({ text, sign, id, interrupts }) {
      // Sent to an idle one, it breaks nothing off.
      if (interrupts) await client.post(`/session/${conversation}/abort`, {})
      const body = { messageID: messageId(id), parts: [{ type: 'text', text }] }
      const path = `/session/${conversation}/prompt_async`
      const answer = await client.post(path, body).catch(error => {
        if (isRefused(error)) return undefined
        throw error
      })
      if (answer === undefined) return { kind: 'refused', reason: 'its server does not listen' }
      if (answer.status >= 500) throw failed('a prompt', answer)
      if (answer.status >= 400) return { kind: 'refused', reason: `its server says no: ${brief(answer.text)}` }
      latest = { sign, at: performance.now() }
      return { kind: 'taken', evidence: `its server took ${body.messageID}`, isProof: false }
    },

    async find(sign) {
      const answer = await client.get(`/session/${conversation}/message?limit=${LATEST}`)
      if (answer.status !== 200 || !Array.isArray(answer.body)) return 'unknown'
      if (answer.body.some(message => showsSign(wordsOf(message), sign))) return 'there'
      const mayFollow = latest?.sign === sign && performance.now() - latest.at < WRITTEN_MS
      return mayFollow ? 'unknown' : 'nowhere'
    },

    async [Symbol.asyncDispose]() {
      end.abort()
      await Promise.all([events.done, showing])
    },
  }
}

/** Asks until its server answers. */
async function firstAnswer(client: OpencodeClient, port: number, signal: AbortSignal): Promise<void> {
  const began = performance.now()
  while (!signal.aborted && performance.now() - began < START_MS) {
    const answer = await client.get('/session/status', FIRST_ANSWER_MS).catch(() => undefined)
    if (answer?.status === 200) return
    if (answer?.status === 401) break
    await sleep(ASK_AGAIN_MS, signal)
  }
  throw new AgencyError('ENVIRONMENT', `opencode does not answer on port ${port}`)
}

async function resumed(client: OpencodeClient, conversation: string | undefined): Promise<string | undefined> {
  if (conversation === undefined) return undefined
  const answer = await client.get(`/session/${conversation}`)
  return answer.status === 200 ? conversation : undefined
}

async function create(client: OpencodeClient, title: string): Promise<string> {
  const answer = await client.post('/session', { title })
  const id = isObject(answer.body) ? answer.body.id : undefined
  if (typeof id !== 'string') throw failed('a new conversation', answer)
  return id
}

/** The conversation is to be seen by whoever attaches. Shown again what is shown already, a draft in its composer stays. */
async function show(client: OpencodeClient, sessionID: string, signal: AbortSignal): Promise<void> {
  const began = performance.now()
  while (!signal.aborted && performance.now() - began < SHOW_FOR_MS) {
    await client.post('/tui/select-session', { sessionID }).catch(() => undefined)
    await sleep(SHOW_EVERY_MS, signal)
  }
}

function wordsOf(message: unknown): string {
  const parts = isObject(message) && Array.isArray(message.parts) ? message.parts : []
  return parts.map(part => (isObject(part) && part.type === 'text' ? String(part.text) : '')).join('\n')
}

function failed(what: string, answer: { status: number; text: string }): AgencyError {
  return new AgencyError('ENVIRONMENT', `opencode took no ${what}: ${answer.status} ${brief(answer.text)}`)
}

function brief(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 200)
}
