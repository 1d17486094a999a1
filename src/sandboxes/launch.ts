/** Brings a prepared sandbox up: its session and warden, its data, its program; and takes all of that down. */
import { readFile, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../kernel/abort.ts'
import { AgencyError } from '../kernel/errors.ts'
import { attachLine } from '../model/attachLine.ts'
import type { Sandbox } from '../model/sandbox.ts'
import type { WardenOrder } from '../model/warden.ts'
import { ask, runInside, statusOf, whenItAnswers } from './control.ts'
import type { OwnDatabase } from './database.ts'
import { environmentOf } from './environment.ts'
import { wall } from './isolation.ts'
import type { Progress, SandboxParts } from './parts.ts'
import { placesOf } from './places.ts'
import { endMarked } from './processes.ts'
import { type Mocks, readPlainFile } from './project.ts'
import { closeSession, markOf, openSession } from './session.ts'

const WARDEN_MS = 15_000
const STOP_MS = 2_000
const ANSWER_MS = 2_000

export interface Launch {
  readonly mocks: Mocks
  readonly database: OwnDatabase | undefined
  /** Its database is to be filled: at the first start only. */
  readonly isFresh: boolean
}

/** Throws what is wrong, with the last lines that were printed; what was begun is to be taken down then. */
export async function launch(
  parts: SandboxParts,
  sandbox: Sandbox,
  { mocks, database, isFresh }: Launch,
  tell: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const places = placesOf(parts.workspace, sandbox)
  const { control } = places.sockets
  const mark = markOf(parts, sandbox.id)
  const env = environmentOf(sandbox, places, {
    ...{ person: parts.env, mark, mockNames: mocks.names },
    databaseUrl: database?.url,
  })
  await writeFile(places.orderFile, '{}', { mode: 0o600 })
  const order: WardenOrder = {
    id: sandbox.id,
    title: `${sandbox.agency}  ${sandbox.branch ?? ''} ${sandbox.commit.slice(0, 10)}`,
    ...{ folder: sandbox.folder, logs: places.logs, env, app: sandbox.plan.app },
    ...{ mocks: mocks.routes, documents: mocks.documents },
    ...{ ports: sandbox.ports, url: sandbox.url, isolation: sandbox.isolation, sockets: places.sockets },
    cage: sandbox.isolation === 'bubblewrap' ? await wallOf(parts, sandbox) : [],
    database: database?.server,
  }
  await writeFile(places.orderFile, JSON.stringify(order), { mode: 0o600 })
  tell(`opening the session ${sandbox.session}`)
  await openSession(parts, sandbox, places)
  parts.crashAt('sandbox-session')
  if (!(await whenItAnswers(control, WARDEN_MS, signal)))
    throw new AgencyError('TIMED_OUT', `the sandbox ${sandbox.slug} did not begin within ${WARDEN_MS / 1000} s`, {
      hint: attachLine(`${sandbox.session}:monitor`, parts.settings.tmux.socket),
    })
  if (isFresh && sandbox.plan.seed) await seed(sandbox, sandbox.plan.seed, control, tell, signal)
  if (sandbox.plan.app) await startApp(sandbox, control, tell, signal)
}

export async function wallOf(
  parts: SandboxParts,
  sandbox: Sandbox,
  options: { isSetup?: boolean } = {},
): Promise<readonly string[]> {
  const outside = sandbox.plan.share.map(path => realpath(join(sandbox.repository, path)).catch(() => undefined))
  const shared = (await Promise.all(outside)).filter(path => path !== undefined)
  const { PATH: path = '/usr/local/bin:/usr/bin:/bin' } = parts.env
  return wall({
    sandbox,
    places: placesOf(parts.workspace, sandbox),
    shared,
    path,
    program: parts.wardenFile,
    ...options,
  })
}

async function seed(
  sandbox: Sandbox,
  command: string,
  control: string,
  tell: Progress,
  signal?: AbortSignal,
): Promise<void> {
  tell(`filling its database: ${command}`)
  const order = { argv: ['/bin/sh', '-c', command], log: 'seed' as const, timeoutMs: sandbox.plan.timeout * 1000 }
  const { status, ended } = await runInside(control, order, signal ? { signal } : {})
  if (status === 0) return
  throw await broken(sandbox, 'seed', `the seed command ${ended ?? `ended with ${status}`}: ${command}`)
}

async function startApp(sandbox: Sandbox, control: string, tell: Progress, signal?: AbortSignal): Promise<void> {
  const { plan, url } = sandbox
  tell(`starting its program: ${plan.app}`)
  await ask(control, { do: 'start' })
  const address = new URL(plan.ready.path, url)
  tell(`waiting until ${address.href} answers`)
  let exit: number | undefined
  const isReady = await until(
    async () => {
      const status = await statusOf(control)
      if (status === undefined || status.app === 'ended') {
        exit = status?.exit ?? -1
        return true
      }
      return answers(address)
    },
    { timeoutMs: plan.ready.timeout * 1000, everyMs: 50, ...(signal ? { signal } : {}) },
  )
  if (exit !== undefined)
    throw await broken(sandbox, 'app', `its program ended with ${exit} before it answered: ${plan.app}`)
  if (!isReady)
    throw await broken(
      sandbox,
      'app',
      `its program did not answer at ${address.href} within ${plan.ready.timeout} s: it has to listen on 127.0.0.1:$PORT`,
    )
}

/** Any answer but a failure of its own counts. */
async function answers(url: URL): Promise<boolean> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) }).catch(
    () => undefined,
  )
  await response?.body?.cancel()
  return response !== undefined && response.status < 500
}

async function broken(sandbox: Sandbox, log: 'app' | 'seed', what: string): Promise<AgencyError> {
  const said = (await readPlainFile(sandbox.home, join('logs', `${log}.log`), 4_000)) ?? ''
  const lines = said
    .trimEnd()
    .split('\n')
    .slice(1)
    .filter(line => line.trim() !== '' && !/^\[it ended/.test(line))
    .slice(-8)
  return new AgencyError('CONFLICT', [what, ...lines].join('\n  '), {
    hint: `"sandbox": {"${log}": …} in agencies/${sandbox.agency}/agency.json`,
  })
}

/** The same again from another folder: its order says what it needs. */
export async function relaunch(parts: SandboxParts, before: Sandbox, after: Sandbox, tell: Progress): Promise<void> {
  const order = JSON.parse(await readFile(placesOf(parts.workspace, before).orderFile, 'utf8')) as WardenOrder
  const { DATABASE_URL: url } = order.env
  const { mocks, documents, database: server } = order
  const names = Object.keys(order.env).filter(name => order.env[name] === order.env.MOCK_URL && name !== 'MOCK_URL')
  const database = server && url !== undefined ? { url, server } : undefined
  await launch(parts, after, { mocks: { routes: mocks, documents, names }, database, isFresh: false }, tell)
}

/** Everything of it that runs. Safe when little or nothing does. */
export async function takeDown(parts: SandboxParts, sandbox: Sandbox): Promise<void> {
  const { control } = placesOf(parts.workspace, sandbox).sockets
  await ask(control, { do: 'stop' }).catch(() => undefined)
  await until(async () => (await statusOf(control)) === undefined, { timeoutMs: STOP_MS, everyMs: 20 })
  await closeSession(parts, sandbox.id)
  const left = await endMarked(markOf(parts, sandbox.id))
  if (left > 0) parts.log.warn({ sandbox: sandbox.slug, left }, 'processes of a sandbox would not end')
}
