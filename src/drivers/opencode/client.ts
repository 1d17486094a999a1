/** HTTP to an opencode on this machine: one connection for each request, so that none is sent into one that is just being closed. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { AgencyError } from '../../kernel/errors.ts'
import { type JsonValue, parseJson } from '../../kernel/json.ts'

export interface Answer {
  readonly status: number
  readonly text: string
  /** Undefined when the answer is no JSON. */
  readonly body: JsonValue | undefined
}

export interface OpencodeClient {
  get(path: string, timeoutMs?: number): Promise<Answer>
  post(path: string, body: JsonValue, timeoutMs?: number): Promise<Answer>
  /** An answer that goes on: the caller reads it, and destroys it. */
  open(path: string, timeoutMs: number): Promise<IncomingMessage>
}

const TIMEOUT_MS = 10_000

/** `signal`: ends every request. AgencyError('ENVIRONMENT') when the server cannot be reached. */
export function opencodeClient(port: number, password: string | undefined, signal: AbortSignal): OpencodeClient {
  const auth = password === undefined ? {} : { auth: `opencode:${password}` }

  /** Resolves with the head of the answer. Without an answer, or a sign of life in it, for `timeoutMs` it is given up. */
  function send(method: string, path: string, timeoutMs: number, body?: JsonValue): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent: ClientRequest = request({
        ...{ host: '127.0.0.1', port, method, path, signal, agent: false, ...auth },
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' } }),
      })
      sent.setTimeout(timeoutMs, () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)))
      sent.on('response', resolve)
      // Also after the answer has begun: then the answer's own reader is told.
      sent.on('error', error => reject(failure(error, port)))
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  async function ask(method: string, path: string, timeoutMs: number, body?: JsonValue): Promise<Answer> {
    const response = await send(method, path, timeoutMs, body)
    const words = await wholeText(response).catch((error: unknown) => {
      throw failure(error, port)
    })
    const parsed = parseJson(words)
    return { status: response.statusCode ?? 0, text: words, body: parsed.ok ? parsed.value : undefined }
  }

  return {
    get: (path, timeoutMs = TIMEOUT_MS) => ask('GET', path, timeoutMs),
    post: (path, body, timeoutMs = TIMEOUT_MS) => ask('POST', path, timeoutMs, body),
    open: (path, timeoutMs) => send('GET', path, timeoutMs),
  }
}

/** Whoever has the port may be an agent behind a wall, and answer without end. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024

async function wholeText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`its answer has more than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Nobody listens there: not a byte of the request has left. */
export function isRefused(error: unknown): boolean {
  return error instanceof AgencyError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED'
}

function failure(error: unknown, port: number): AgencyError {
  if (error instanceof AgencyError) return error
  const { message } = error as Error
  return new AgencyError('ENVIRONMENT', `opencode on port ${port} does not answer: ${message}`, { cause: error })
}
