/** The API on the workspace's unix socket, and on a second one for isolated agents, through which nobody is the person. */
import { chmod, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { stream } from 'hono/streaming'
import type { App } from '../app.ts'
import { withDeadline } from '../kernel/abort.ts'
import { AgencyError, toAgencyError } from '../kernel/errors.ts'
import { parseJson } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
import { MAX_BODY_BYTES } from '../model/limits.ts'
import { HUMAN } from '../model/names.ts'
import type { Route } from './route.ts'
import { type HookInput, hookRoute } from './routes/agents.ts'
import { routes } from './routes.ts'

export interface ServerParts {
  readonly app: App
  readonly socket: string
  /** The second one. */
  readonly door?: string
  readonly log: Log
  readonly signal: AbortSignal
  /** Ends the daemon, after the answer has left. */
  readonly shutDown: () => void
}

/** A follower is cut off after a day, and goes on from its cursor. */
const LONGEST_REQUEST_MS = 86_400_000
/** JSON escapes may make a body several times its size. */
const MAX_REQUEST_BYTES = 4 * MAX_BODY_BYTES

export async function serve(parts: ServerParts): Promise<AsyncDisposable> {
  const hono = createApi(parts)
  const opened = [await open(parts.socket, request => hono.fetch(request, {}))]
  if (parts.door !== undefined) opened.push(await open(parts.door, request => hono.fetch(request, { isDoor: true })))
  return {
    async [Symbol.asyncDispose]() {
      for (const close of opened) await close()
    },
  }
}

async function open(socket: string, answer: (request: Request) => Response | Promise<Response>) {
  const server = createServer(getRequestListener(answer))
  // The daemon owns the workspace: a socket that lies there is left over from one that died.
  await rm(socket, { force: true })
  await listen(server, socket)
  await chmod(socket, 0o600)
  return async () => {
    await new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
    await rm(socket, { force: true })
  }
}

function listen(server: Server, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
  })
}

export function createApi(parts: ServerParts): Hono {
  const { app } = parts
  const hono = new Hono()
  hono.use(async (context, next) => {
    await next()
    context.header('agency-version', app.version)
  })
  hono.get('/v1/hello', context =>
    context.json({
      version: app.version,
      pid: process.pid,
      workspace: app.workspaceRoot,
      uptimeMs: Math.round(process.uptime() * 1000),
    }),
  )
  hono.post('/v1/shutdown', async context => {
    const caller = callerOf(app, context)
    if (caller !== HUMAN) throw new AgencyError('NOT_ALLOWED', `${caller} may not stop the daemon`)
    parts.shutDown()
    return context.json({ pid: process.pid })
  })
  // In the form that Prometheus reads, and with a token as everything else.
  hono.get('/metrics', async context => {
    callerOf(app, context)
    const { contentType, text } = await app.exposition()
    return context.body(text, 200, { 'content-type': contentType })
  })
  // Its answer is what a hook prints, in the form of the program that asks.
  hono.post('/v1/boundary', async context => {
    const caller = callerOf(app, context)
    const { event, payload } = (await readInput(hookRoute, context)) as HookInput
    return context.text(await app.hookDoor.answer(caller, event, payload))
  })
  // Asked by the git hook, with a list of names and not with JSON: its answer is what the hook prints.
  hono.post('/v1/gate', async context => {
    const caller = callerOf(app, context)
    return context.text(await app.locks.refuseCommit(caller, await readText(context)))
  })
  for (const route of routes) hono.on(route.method, route.path, context => handle(parts, route, context))
  hono.notFound(context =>
    context.json(
      {
        error: new AgencyError('NOT_FOUND', `no route ${context.req.method} ${context.req.path}`, {
          hint: 'agency --help',
        }).toDocument(),
      },
      404,
    ),
  )
  hono.onError((error, context) => refuse(parts, error, context))
  return hono
}

async function handle(parts: ServerParts, route: Route, context: Context): Promise<Response> {
  const { app } = parts
  const caller = callerOf(app, context)
  const input = await readInput(route, context)
  const params = context.req.param() as Record<string, string>
  const run = (emit: (line: unknown) => Promise<void>) =>
    withDeadline(LONGEST_REQUEST_MS, [context.req.raw.signal, parts.signal], signal =>
      route.run({ app, caller, params, input: input as never, signal, emit }),
    )
  if (context.req.header('accept') !== 'application/x-ndjson') return context.json((await run(async () => {})) ?? {})
  context.header('content-type', 'application/x-ndjson')
  return stream(context, async out => {
    const write = async (line: unknown) => void (await out.write(`${JSON.stringify(line)}\n`))
    try {
      const result = await run(write)
      if (result !== undefined) await write({ result })
    } catch (error) {
      const known = toAgencyError(error)
      if (known.code === 'BUG') parts.log.error({ err: error }, 'a request failed')
      await write({ error: known.toDocument() })
    }
  })
}

/** Who asks, by the token alone. A caller in an agent's pane is never the person, whatever token it holds. */
function callerOf(app: App, context: Context): string {
  const owner = app.callers.identify(/^Bearer ([0-9a-f]{64})$/.exec(context.req.header('authorization') ?? '')?.[1])
  // A token may be stolen; the way through the wall tells where its user stands.
  if (owner === HUMAN && (context.env as { isDoor?: boolean } | undefined)?.isDoor)
    throw new AgencyError('NOT_ALLOWED', 'an isolated agent may not speak as the person, whatever token it holds', {
      hint: 'use a shell of your own, such as the window tools',
    })
  const pane = context.req.header('agency-pane')
  const serverPid = Number(context.req.header('agency-tmux')?.split(',').at(-2))
  const inPane = pane === undefined ? undefined : app.callers.agentInPane(pane, serverPid)
  if (owner === HUMAN && inPane !== undefined)
    throw new AgencyError('NOT_ALLOWED', `this is the pane of ${inPane}: it may not speak as the person`, {
      hint: 'use a shell of your own, such as the window tools',
    })
  return owner
}

async function readInput(route: Pick<Route, 'method' | 'input'>, context: Context): Promise<unknown> {
  const raw = route.method === 'GET' ? { ok: true as const, value: context.req.query() } : await readBody(context)
  if (!raw.ok)
    throw new AgencyError('USAGE', `the request is not JSON: ${raw.reason}`, { hint: 'send one JSON object in UTF-8' })
  const result = route.input.safeParse(raw.value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  throw new AgencyError('USAGE', `${issue.path.join('.') || 'input'}: ${issue.message}`, {
    hint: 'add --help to see what it takes',
  })
}

async function readBody(context: Context): Promise<ReturnType<typeof parseJson> | { ok: true; value: object }> {
  const text = await readText(context)
  return text === '' ? { ok: true, value: {} } : parseJson(text)
}

/** One that says its length cannot be longer; one that comes in pieces is read as far as it may go. */
async function readText({ req }: Context): Promise<string> {
  const length = req.header('content-length')
  if (Number(length ?? 0) > MAX_REQUEST_BYTES) throw tooLarge(`${length} bytes`)
  if (length !== undefined || !req.raw.body) return req.text()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of req.raw.body) {
    bytes += chunk.length
    if (bytes > MAX_REQUEST_BYTES) throw tooLarge(`more than ${MAX_REQUEST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tooLarge(has: string): AgencyError {
  return new AgencyError('TOO_LARGE', `the request has ${has}; a body may have ${MAX_BODY_BYTES}`, {
    hint: 'put it into a file and send its path',
  })
}

function refuse(parts: ServerParts, thrown: unknown, context: Context): Response {
  const error = toAgencyError(thrown)
  // Who hangs up in the middle of its request is told nothing, and nothing of ours has failed.
  if (error.code === 'BUG' && !context.req.raw.signal.aborted) parts.log.error({ err: thrown }, 'a request failed')
  return context.json({ error: error.toDocument() }, error.httpStatus as 400)
}
