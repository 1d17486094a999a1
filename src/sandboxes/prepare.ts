/** Lays out what a sandbox is made of: the commit's files with their dependencies, a plan, mocks, ports and a database. */
import { mkdir, readdir, readlink, symlink, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { AgencyError } from '../kernel/errors.ts'
import { type Definition, wantsWall } from '../model/definition.ts'
import { type Sandbox, urlOf } from '../model/sandbox.ts'
import { planSandbox } from '../model/sandboxPlan.ts'
import { dress } from '../worktrees/dressing.ts'
import { createDatabase } from './database.ts'
import { environmentOf } from './environment.ts'
import { type Launch, wallOf } from './launch.ts'
import type { Progress, SandboxParts } from './parts.ts'
import { makePlaces, placesOf } from './places.ts'
import { readMocks, readProject } from './project.ts'
import { markOf } from './session.ts'
import { BoundedLog } from './warden/boundedLog.ts'
import { runCommand } from './warden/command.ts'
import { addWorktree } from './worktree.ts'

export interface Prepared {
  readonly sandbox: Sandbox
  readonly launch: Launch
}

export async function prepare(
  parts: SandboxParts,
  definition: Definition,
  before: Sandbox,
  tell: Progress,
  signal?: AbortSignal,
): Promise<Prepared> {
  const { git, workspace, umask } = parts
  const { repository, folder, commit, ports } = before
  const places = placesOf(workspace, before)
  tell(`checking out ${commit.slice(0, 10)} in ${folder}`)
  await addWorktree(git, { repository, folder, commit, umask })
  parts.crashAt('sandbox-worktree')
  await makePlaces(places)
  await mkdir(join(places.data, 'home'), { recursive: true, mode: 0o700 })
  const plan = planSandbox(definition.sandbox, await readProject(folder))
  const share = [...new Set([...(definition.worktrees?.share ?? []), ...plan.share])]
  const wishes = { ...definition.worktrees, share }
  const notes = await dress(git, { repository, folder, wishes, isOfIsolated: wantsWall(definition) })
  const url = urlOf(plan, ports)
  const sandbox: Sandbox = {
    ...before,
    plan: { ...plan, share },
    notes: [...before.notes, ...notes],
    ...(url === undefined ? {} : { url }),
  }
  if (sandbox.isolation === 'bubblewrap') await ownModules(repository, folder)
  const mocks = await readMocks(folder, plan.mocks)
  if (plan.setup) await setUp(parts, sandbox, plan.setup, tell, signal)
  const admin = databaseServer(parts, definition)
  const insidePort = sandbox.isolation === 'bubblewrap' ? ports.database : undefined
  const database = plan.database === 'postgres' ? await createDatabase(admin!, sandbox, insidePort) : undefined
  return { sandbox, launch: { mocks, database, isFresh: true } }
}

/** AgencyError('ENVIRONMENT') when a PostgreSQL is wanted and none is named. */
export function databaseServer({ env }: SandboxParts, definition: Definition | undefined): string | undefined {
  const named = definition?.sandbox?.databaseUrl ?? env.AGENCY_SANDBOX_POSTGRES
  if (definition?.sandbox?.database === 'postgres' && !named)
    throw new AgencyError('ENVIRONMENT', `${definition.name} wants a PostgreSQL for its sandboxes, and none is named`, {
      hint: '"databaseUrl": "postgres://…" below "sandbox" in agency.json, or AGENCY_SANDBOX_POSTGRES before agency daemon restart',
    })
  return named
}

/** Shared modules cannot be written behind the wall, and tools keep caches among them: a folder of its own, with a link to each. */
async function ownModules(repository: string, folder: string): Promise<void> {
  const place = join(folder, 'node_modules')
  const shared = join(repository, 'node_modules')
  // A link of the commit's own leads wherever its author liked.
  if ((await readlink(place).catch(() => undefined)) !== shared) return
  const entries = await readdir(shared)
  await unlink(place)
  await mkdir(place)
  for (const entry of entries)
    if (!entry.startsWith('.') || entry === '.bin' || entry === '.pnpm')
      await symlink(join(shared, entry), join(place, entry))
}

async function setUp(
  parts: SandboxParts,
  sandbox: Sandbox,
  command: string,
  tell: Progress,
  signal?: AbortSignal,
): Promise<void> {
  tell(`setting up: ${command}`)
  const places = placesOf(parts.workspace, sandbox)
  const order = { person: parts.env, mark: markOf(parts, sandbox.id), mockNames: [], databaseUrl: undefined }
  const env = environmentOf(sandbox, places, order)
  const cage = sandbox.isolation === 'bubblewrap' ? await wallOf(parts, sandbox, { isSetup: true }) : []
  const argv = [...cage, '/bin/sh', '-c', command]
  const log = new BoundedLog(join(places.logs, 'setup.log'), 'ends')
  const tail: string[] = []
  const take = (chunk: Buffer) => {
    log.write(chunk)
    tail.push(chunk.toString('utf8').slice(-2_000))
    if (tail.length > 5) tail.shift()
  }
  const running = runCommand({ argv, cwd: sandbox.folder, env, timeoutMs: sandbox.plan.timeout * 1000, take })
  const callOff = () => running.stop('it was called off')
  signal?.addEventListener('abort', callOff, { once: true })
  const { status, ended } = await running.end
  signal?.removeEventListener('abort', callOff)
  log.close()
  if (status === 0) return
  const lines = tail.join('').trimEnd().split('\n').slice(-8)
  throw new AgencyError(
    'CONFLICT',
    [`the setup ${ended ?? `ended with ${status}`}: ${command}`, ...lines].join('\n  '),
    {
      hint: `"sandbox": {"setup": …} in agencies/${sandbox.agency}/agency.json`,
    },
  )
}
