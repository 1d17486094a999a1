/**
 * The wall around an isolated agent's program: what is its own is bound in, and nothing else of the workspace, the person's home
 * or their repository is there at all.
 */
import { existsSync, realpathSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { doorSocket, packageRoot, type Workspace } from '../config/workspace.ts'
import { AgencyError } from '../kernel/errors.ts'
import { groundWords, isOfSystem, readOnly, toolFolders } from './grounds.ts'

export interface AgentWall {
  readonly workspace: Workspace
  /** The repository that it works on, of which it sees a copy only. */
  readonly repository: string | undefined
  readonly workdir: string
  readonly hasNetwork: boolean
  /** The program builds walls inside of this one. */
  readonly buildsWalls: boolean
  readonly path: string
  readonly program: string
  /** What it is told: of its run folder, its mail, what its command line names. To be read, whatever lies around it. */
  readonly told: readonly string[]
  readonly readable: readonly string[]
  readonly writable: readonly string[]
}

/** The kernel maps its root into no further namespace without a capability that nobody has behind the wall. */
const NOBODY = '65534'

type Kept = Pick<AgentWall, 'workspace' | 'repository'>

/** Some of what was opened may lie around the workspace or the repository: these are nowhere behind the wall. */
export function hideWithin({ workspace, repository }: Kept, opened: readonly string[]): readonly string[] {
  const hidden = [workspace.root, ...(repository === undefined ? [] : [repository])]
  return hidden.flatMap(place => (isSeen(place, opened) ? ['--tmpfs', place] : []))
}

/** bwrap and its words, up to the program. What comes later lies over what came before. */
export function agentWall(wall: AgentWall): readonly string[] {
  const { workspace, workdir, hasNetwork, buildsWalls, path, program, told, readable, writable } = wall
  const home = homedir()
  const tools = [...toolFolders(path), programFolder(program), ...ownPackage()].filter(
    tool => !isOfSystem(tool) && existsSync(tool),
  )
  return [
    'bwrap',
    '--unshare-all',
    ...(hasNetwork ? ['--share-net'] : []),
    // It keeps its terminal: a program with screens and job control is nothing without one.
    ...['--die-with-parent', '--cap-drop', 'ALL'],
    ...(buildsWalls && process.getuid?.() === 0 ? ['--uid', NOBODY, '--gid', NOBODY] : []),
    ...groundWords({ hasNetwork }),
    ...(isOfSystem(home) ? [] : ['--tmpfs', home]),
    ...tools.flatMap(readOnly),
    ...readable.flatMap(readOnly),
    ...hideWithin(wall, [...tools, ...readable]),
    ...[program, ...told].flatMap(readOnly),
    ...writable.flatMap(bind),
    ...ways(workspace),
    ...bind(workdir),
  ]
}

/** What makes `agency` work inside: the settings, and the socket. Its folder and not its file: the daemon makes a new one at each start. */
function ways({ settingsFile, door, socket }: Workspace): readonly string[] {
  const there = doorSocket(door)
  // Behind the wall no XDG_RUNTIME_DIR is set, and the temporary folder is /tmp.
  const places = new Set([socket, ...(dirname(socket) === tmpdir() ? [join('/tmp', basename(socket))] : [])])
  return [
    ...readOnly(settingsFile),
    ...['--ro-bind', door, door],
    ...[...places].flatMap(place => (place === there ? [] : ['--symlink', there, place])),
  ]
}

/** True places of what the repository shares with the folders of agents. */
export async function sharedFolders(
  repository: string | undefined,
  share: readonly string[],
): Promise<readonly string[]> {
  if (repository === undefined) return []
  const found = await Promise.all(share.map(path => realpath(join(repository, path)).catch(() => undefined)))
  return found.filter(path => path !== undefined)
}

export function bind(path: string): readonly string[] {
  return existsSync(path) ? ['--bind', path, path] : []
}

/** What runs `agency` and the rehearsal agent, and nothing of a checkout of Agency itself. */
function ownPackage(): readonly string[] {
  return ['bin', 'dist', 'templates', 'package.json'].map(name => join(packageRoot, name))
}

/** Where a program is found by a link, it needs what lies beside its true place, and a package what it is made of. A home is never opened for it. */
function programFolder(file: string): string {
  const real = realpathSync(file)
  const packages = /^(.*?\/node_modules)\//.exec(real)?.[1]
  const folder = packages ?? dirname(real)
  const home = homedir()
  return folder === home || home.startsWith(`${folder}/`) || folder === '/' ? file : folder
}

function isSeen(place: string, opened: readonly string[]): boolean {
  return isOfSystem(place) || opened.some(folder => isWithin(place, realOf(folder)))
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

function realOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path
}

/** AgencyError('BAD_DEFINITION') for a place that would open what the wall is there to keep. */
export function refuseToOpen(place: string, { workspace, repository }: Kept): void {
  const real = realOf(place)
  const kept = [workspace.registry, workspace.sandbox, ...(repository === undefined ? [] : [repository])]
  const opened =
    kept.find(path => isWithin(real, path)) ?? [...kept, homedir(), workspace.root].find(path => isWithin(path, real))
  if (opened === undefined) return
  throw new AgencyError('BAD_DEFINITION', `isolation: ${place} would open ${opened} to an isolated agent`, {
    hint: 'name a folder of its own: "isolation": {"level": "bubblewrap", "readable": ["~/data"]} in agency.json',
  })
}
