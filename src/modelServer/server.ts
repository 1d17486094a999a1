/** The scripted model server: real agent programs talk to it as to their provider, at no cost. Loopback only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { AgencyError, toAgencyError } from '../kernel/errors.ts'
import { parseJson } from '../kernel/json.ts'
import { answerModel } from './answer.ts'
import { Director } from './director.ts'
import { Received, type ServerRecord } from './received.ts'
import { findRoute } from './routes.ts'
import { EMPTY_SCRIPT, parseScript, type Script } from './script.ts'
import { sendJson } from './voice.ts'

export interface ModelServerOptions {
  /** A free one when it is not given. */
  readonly port?: number
  readonly script?: Script
  /** File for what the model received, JSON lines. */
  readonly record?: string
  /** Lets anybody on this machine read what was received and replace the script: for tests. */
  readonly hasControl?: boolean
  readonly onRecord?: (record: ServerRecord) => void
}

export interface ModelServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly received: Received
  readonly director: Director
}

const HOST = '127.0.0.1'
/** A conversation with large pastes in it. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024
/** Longer than a program waits between two turns, so that none writes into a connection that is just being closed. */
const KEEP_ALIVE_MS = 600_000

export interface Parts {
  readonly director: Director
  readonly received: Received
  readonly hasControl: boolean
}

export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const director = new Director(options.script ?? EMPTY_SCRIPT)
  const received = new Received(options.record, options.onRecord ?? (() => {}))
  const parts = { director, received, hasControl: options.hasControl ?? false }
  const server = createServer((request, response) => void handle(parts, request, response))
  server.keepAliveTimeout = KEEP_ALIVE_MS
  const port = await listen(server, options.port ?? 0)
  return {
    url: `http://${HOST}:${port}`,
    port,
    received,
    director,
    async [Symbol.asyncDispose]() {
      await new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)))
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port))
  })
}

function listenError(error: NodeJS.ErrnoException, port: number): AgencyError {
  const what = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used: ${error.message}`
  return new AgencyError('ENVIRONMENT', `port ${port} on ${HOST} ${what}`, {
    hint: 'leave --port out for a free one',
    cause: error,
  })
}

async function handle(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await dispatch(parts, request, response)
  } catch (error) {
    if (response.headersSent) return void response.destroy()
    const { status, ...document } = describe(error)
    sendJson(response, status, { type: 'error', error: { type: 'invalid_request_error', ...document } })
  }
}

/** A body that no provider would take is the program's mistake, and says where. */
function describe(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof z.ZodError) return { status: 400, code: 'invalid_request', message: z.prettifyError(error) }
  const known = toAgencyError(error)
  return { status: known.httpStatus, ...known.toDocument() }
}

async function dispatch(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  refuseBrowsers(request)
  const method = request.method ?? 'GET'
  const path = new URL(request.url ?? '/', `http://${HOST}`).pathname
  const route = findRoute(method, path)
  if (!route) {
    parts.received.unknown(method, path)
    throw new AgencyError('NOT_FOUND', `the model server has no ${method} ${path}`)
  }
  if (route.to === 'fact') return sendJson(response, 200, route.body)
  if (route.to === 'model') {
    const body = parseJson(await readBody(request))
    if (!body.ok) throw new AgencyError('USAGE', `the request is not JSON: ${body.reason}`)
    return answerModel(parts, route.wire, route.wire.read(body.value, route.path), response)
  }
  if (!parts.hasControl)
    throw new AgencyError('NOT_ALLOWED', `${path} is off`, { hint: 'start the server with --control' })
  if (route.to === 'received') return sendJson(response, 200, { requests: parts.received.requests })
  parts.director.replace(parseScript(await readBody(request)))
  sendJson(response, 200, { rules: parts.director.script.rules.length })
}

/** A page in a browser can reach loopback too; programs send neither an origin nor another name. */
function refuseBrowsers({ headers }: IncomingMessage): void {
  const name = (headers.host ?? '').replace(/:\d+$/, '')
  if (headers.origin === undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(name)) return
  throw new AgencyError('NOT_ALLOWED', 'the model server answers programs of this machine, not browsers')
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_REQUEST_BYTES) throw new AgencyError('TOO_LARGE', `a request may have ${MAX_REQUEST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
