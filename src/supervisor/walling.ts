/** The wall that an isolated agent's program is started behind. Where there can be none, it is not started at all. */
import { existsSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import type { Launch } from '../drivers/driver.ts'
import { AgencyError } from '../kernel/errors.ts'
import type { AgentRecord } from '../model/agent.ts'
import { type Isolation, PLAIN_ENVIRONMENT } from '../model/isolation.ts'
import { agentWall, refuseToOpen, sharedFolders } from '../walls/agentWall.ts'
import { wallHint, whyNoWall } from '../walls/grounds.ts'
import { clonedAt, mirrorOf } from '../walls/places.ts'
import { eventsFolder, ownFolder, ownMail, type StartWall } from './runFolder.ts'

export interface WallOrder {
  readonly record: AgentRecord
  readonly isolation: Isolation
  readonly launch: Launch
  readonly tokenFile: string
  readonly run: string
  /** On which the daemon reaches the program. */
  readonly port: number | undefined
  /** Folders of the repository that links in its clone lead to. */
  readonly share: readonly string[]
  /** Words of its command line that its definition says. What a program has told of itself, as its conversation, opens nothing. */
  readonly named: readonly string[]
}

export interface WallingParts {
  readonly workspace: Workspace
  readonly repositoryOf: (agency: string) => string | undefined
}

/** AgencyError('ENVIRONMENT') where the machine or the driver does not allow it; AgencyError('BAD_DEFINITION') for a place that may not be opened. */
export async function buildWall(
  { workspace, repositoryOf }: WallingParts,
  { record, isolation, launch, tokenFile, run, port, share, named }: WallOrder,
): Promise<StartWall> {
  const { agency, address, workdir, driver } = record
  const { isolated } = launch
  await refuseWithoutWall(address, { name: driver, canBeIsolated: isolated !== undefined })
  if (port !== undefined && !isolation.network)
    throw new AgencyError(
      'BAD_DEFINITION',
      `${address} is to be isolated without the network, by which alone ${driver} is reached`,
      { hint: `take "network": false out of agencies/${agency}/agency.json, or choose another driver` },
    )
  const repository = repositoryOf(agency)
  const isClone = clonedAt(workspace, workdir) !== undefined
  if (record.branch !== undefined && !isClone)
    throw new AgencyError(
      'CONFLICT',
      `${address} is to be isolated, and ${workdir} is a worktree of the project itself`,
      {
        hint: `commit what is in it, git worktree remove ${workdir}, then agency restart ${address}`,
      },
    )
  const inHome = (path: string) => (path.startsWith('~/') ? join(homedir(), path.slice(2)) : path)
  const readable = isolation.readable.map(inHome)
  const writable = isolation.writable.map(inHome)
  for (const place of [...readable, ...writable]) refuseToOpen(place, { workspace, repository })
  const copies = Object.fromEntries(Object.entries(isolated?.copies ?? {}).map(([from, to]) => [inHome(from), to]))
  const own = [eventsFolder(run), ownFolder(run)]
  const shown = [ownMail(run), ...(isolated?.folders ?? [])]
  for (const folder of [...own, ...shown, workspace.door]) await mkdir(folder, { recursive: true, mode: 0o700 })
  const agencyFolder = join(workspace.agencies, agency)
  const shared = await sharedFolders(repository, share)
  const told = ['brief.md', 'ask.curl'].map(name => join(run, name))
  const words = agentWall({
    ...{ workspace, repository, workdir, hasNetwork: isolation.network, program: launch.argv[0]! },
    path: process.env.PATH ?? '/usr/bin:/bin',
    buildsWalls: isolated?.buildsWalls ?? false,
    told: [
      ...[...told, ...Object.keys(launch.files), tokenFile, ...shown, ...Object.keys(copies)],
      ...namedFiles(named, workspace),
      ...['scripts', 'context', 'rehearsal'].map(name => join(agencyFolder, name)),
      ...(isClone && repository !== undefined
        ? [mirrorOf(workspace, repository), join(workspace.registry, 'hooks'), ...shared]
        : []),
    ],
    readable,
    writable: [...own, ...writable],
  })
  return { words, keep: [...PLAIN_ENVIRONMENT, ...(isolated?.environment ?? []), ...isolation.environment], copies }
}

/** AgencyError('ENVIRONMENT') where this machine can build no wall, or nobody knows what the program needs behind one. */
export async function refuseWithoutWall(
  address: string,
  driver: { readonly name: string; readonly canBeIsolated: boolean },
): Promise<void> {
  const why = await whyNoWall()
  if (why !== undefined)
    throw new AgencyError('ENVIRONMENT', `${address} is to be isolated, and ${why}: it is not started`, {
      hint: wallHint(why),
    })
  if (driver.canBeIsolated) return
  throw new AgencyError(
    'ENVIRONMENT',
    `${address} is to be isolated, and the driver ${driver.name} does not say what it needs`,
    {
      hint: `isolated: {…} in templates/drivers/${driver.name}.yaml, or "isolation": "none" for this agent in agency.json`,
    },
  )
}

/** What the command line names is for the program to read, wherever it lies; of the registry only what was said above. */
function namedFiles(words: readonly string[], { registry }: Workspace): readonly string[] {
  return words.filter(
    word => isAbsolute(word) && !word.startsWith(`${registry}/`) && existsSync(word) && statSync(word).isFile(),
  )
}
