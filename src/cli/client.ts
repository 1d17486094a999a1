/** The thin client: one request to the daemon's socket. Loads nothing but node's sockets, so that `send` starts at once. */
import { readFileSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import { AgencyError, fromDocument } from '../kernel/errors.ts'
import { type Answer, exchange } from './exchange.ts'
import { type Daemon, type Patience, unlessSilent } from './silence.ts'

const MOST_PATH = 12_000

export interface Client {
  get(path: string, query?: Readonly<Record<string, unknown>>): Promise<unknown>
  send(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>
  /** Lines as they come; `progress` lines are given to the callback, and the final result is returned. */
  stream(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body: unknown,
    onLine: (line: unknown) => void,
    /** Hangs up; what was to come is undefined. */
    signal?: AbortSignal,
  ): Promise<unknown>
}

export interface Credentials {
  readonly token: string
  readonly headers: Readonly<Record<string, string>>
}

/** In an agent's pane the agent's own token, and never another; elsewhere the person's. */
export function readCredentials(workspace: Workspace, env: NodeJS.ProcessEnv): Credentials {
  const isPane = Boolean(env.AGENCY_AGENT || env.AGENCY_TOKEN_FILE)
  const file = isPane ? env.AGENCY_TOKEN_FILE : join(workspace.tokens, 'human')
  const place: Record<string, string> =
    env.TMUX_PANE && env.TMUX ? { 'agency-pane': env.TMUX_PANE, 'agency-tmux': env.TMUX } : {}
  const whose = isPane ? `the token of ${env.AGENCY_AGENT ?? 'this pane'}` : "the person's token"
  const hint = isPane
    ? `agency restart ${env.AGENCY_AGENT ?? '<agent>'}   from a shell of your own`
    : 'agency daemon restart'
  let token: string
  try {
    token = readFileSync(file ?? '', 'utf8').trim()
  } catch (cause) {
    const where = file ?? 'AGENCY_TOKEN_FILE is not set'
    throw new AgencyError('NO_TOKEN', `${whose} cannot be read (${where})`, { hint, cause })
  }
  if (/^[0-9a-f]{64}$/.test(token)) return { token, headers: place }
  throw new AgencyError('NO_TOKEN', `${whose} is none: ${file} holds something else`, { hint })
}

export interface Connection extends Daemon {
  /** A connection that is open already: it carries the first request. */
  readonly live: Socket | undefined
  readonly credentials: Credentials
  readonly onVersion: (version: string) => void
  /** Shorter in tests. */
  readonly patience?: Patience
}

export function connect({ socket, ownerFile, live, credentials, onVersion, patience }: Connection): Client {
  let spare = live
  const open = () => {
    const connection = spare ?? createConnection(socket)
    spare = undefined
    return connection
  }

  async function call(method: string, path: string, body: unknown, accept: string): Promise<Answer> {
    refuseUnaskable(path)
    const headers = {
      authorization: `Bearer ${credentials.token}`,
      accept,
      // We hang up, and not the daemon: with its answer to a large body it would close the connection under our last write.
      connection: 'keep-alive',
      ...credentials.headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    try {
      const outgoing = { method, path, headers, body: body === undefined ? undefined : JSON.stringify(body) }
      const connection = open()
      return await unlessSilent({ socket, ownerFile }, exchange(connection, outgoing), patience).catch(
        (error: unknown) => {
          connection.destroy()
          throw error
        },
      )
    } catch (cause) {
      if (cause instanceof AgencyError) throw cause
      const { code, message } = cause as NodeJS.ErrnoException
      // Without a code it is a mistake of ours.
      if (code === undefined) throw cause
      throw new AgencyError('NO_DAEMON', `the daemon does not answer (${code || message})`, {
        hint: 'agency daemon start',
        cause,
      })
    }
  }

  async function once(method: string, path: string, body?: unknown): Promise<unknown> {
    const { headers, body: answered } = await call(method, path, body, 'application/json')
    const text = await wholeText(answered)
    onVersion(headers.get('agency-version') ?? '')
    const document = JSON.parse(text) as { error?: object }
    if (document.error) throw fromDocument(document.error)
    return document
  }

  return {
    get: (path, query = {}) => once('GET', withQuery(path, query)),
    send: once,
    async stream(method, path, body, onLine, signal) {
      const answer = await call(method, path, body, 'application/x-ndjson')
      signal?.addEventListener('abort', answer.hangUp, { once: true })
      if (signal?.aborted) answer.hangUp()
      const decoder = new TextDecoder()
      let rest = ''
      let result: unknown
      const take = (line: string) => {
        if (line.trim() === '') return
        const value = JSON.parse(line) as { error?: object; result?: unknown }
        if (value.error) throw fromDocument(value.error)
        if ('result' in value && Object.keys(value).length === 1) result = value.result
        else onLine(value)
      }
      try {
        for await (const chunk of answer.body) {
          const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) take(line)
        }
      } catch (error) {
        if (signal?.aborted) return undefined
        throw error instanceof AgencyError ? error : cutShort(error)
      } finally {
        signal?.removeEventListener('abort', answer.hangUp)
      }
      take(rest)
      return result
    },
  }
}

/** What would arrive as something else, or not at all: the head of a request takes 16 KB. */
function refuseUnaskable(path: string): void {
  if (/\/\.{1,2}(?=[/?]|$)/.test(path))
    throw new AgencyError('NOT_FOUND', 'nothing is called "." or ".."', { hint: 'agency list' })
  if (path.length > MOST_PATH)
    throw new AgencyError('NOT_FOUND', `nothing has a name of this length (${path.length} characters)`, {
      hint: 'agency list',
    })
}

async function wholeText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of body) chunks.push(chunk)
  } catch (error) {
    throw cutShort(error)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function cutShort(cause: unknown): AgencyError {
  return new AgencyError('NO_DAEMON', 'the daemon went away in the middle of its answer', {
    hint: 'agency daemon status',
    cause,
  })
}

function withQuery(path: string, query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined)
  if (pairs.length === 0) return path
  return `${path}?${new URLSearchParams(pairs.map(([key, value]): [string, string] => [key, String(value)])).toString()}`
}
