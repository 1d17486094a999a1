/** Finds the workspace and knows where each thing lies in it. Loads nothing but node's own modules: every command starts here. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AgencyError } from '../kernel/errors.ts'

export interface Workspace {
  /** Real path of the folder with agency.yaml. */
  readonly root: string
  /** Short hash of the root: names the keeper session and, where the path is too long, the socket. */
  readonly hash: string
  readonly settingsFile: string
  readonly agencies: string
  readonly registry: string
  readonly outbox: string
  readonly mail: string
  /** What checks of tasks have printed. */
  readonly checks: string
  readonly tokens: string
  readonly run: string
  readonly storeFile: string
  readonly ownerFile: string
  readonly logFile: string
  readonly socket: string
  /** Folder with the socket that isolated agents see: who comes through it is never the person. */
  readonly door: string
  /** What is known of isolated agents' workplaces, out of their reach: a file for each. */
  readonly isolated: string
  /** Bare copies of repositories without the branches of agents, which isolated agents may read. */
  readonly mirrors: string
  readonly sandbox: string
  readonly worktrees: string
  readonly templates: string
}

// A unix socket's address holds 104 bytes on macOS and 108 on Linux, the final NUL included.
const MAX_SOCKET_BYTES = 100

export function workspaceAt(folder: string): Workspace {
  const root = realpathSync(folder)
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 12)
  const registry = join(root, 'registry')
  const near = join(registry, 'agencyd.sock')
  const runtime = process.env.XDG_RUNTIME_DIR ?? tmpdir()
  const far = join(runtime, `agency-${hash}.sock`)
  const nearDoor = join(registry, 'door')
  return {
    root,
    hash,
    settingsFile: join(root, 'agency.yaml'),
    agencies: join(root, 'agencies'),
    registry,
    outbox: join(registry, 'outbox'),
    mail: join(registry, 'mail'),
    checks: join(registry, 'checks'),
    tokens: join(registry, 'tokens'),
    run: join(registry, 'run'),
    storeFile: join(registry, 'agency.db'),
    ownerFile: join(registry, 'owner.db'),
    logFile: join(registry, 'agencyd.log'),
    socket: isShort(near) ? near : far,
    door: isShort(doorSocket(nearDoor)) ? nearDoor : join(runtime, `agency-${hash}.door`),
    isolated: join(registry, 'isolated'),
    mirrors: join(registry, 'mirrors'),
    sandbox: join(root, 'sandbox'),
    worktrees: join(root, 'sandbox', 'worktrees'),
    templates: join(root, 'templates'),
  }
}

export function doorSocket(door: string): string {
  return join(door, 'agencyd.sock')
}

function isShort(socket: string): boolean {
  return Buffer.byteLength(socket) <= MAX_SOCKET_BYTES
}

/** `--workspace`, else AGENCY_WORKSPACE, else the nearest folder upward with agency.yaml. */
export function findWorkspace(options: { flag?: string; cwd: string; env: NodeJS.ProcessEnv }): Workspace {
  const named = options.flag ?? options.env.AGENCY_WORKSPACE
  if (named !== undefined && named !== '') {
    const folder = resolve(options.cwd, named)
    if (!existsSync(join(folder, 'agency.yaml')))
      throw new AgencyError('NO_WORKSPACE', `there is no agency.yaml in ${folder}`, { hint: `agency init ${folder}` })
    return workspaceAt(folder)
  }
  const found = nearestWorkspace(options.cwd)
  if (!found)
    throw new AgencyError('NO_WORKSPACE', `no agency.yaml in ${options.cwd} or any folder above it`, {
      hint: 'agency init   makes a workspace here',
    })
  return workspaceAt(found)
}

/** A workspace that lies inside another one's sandbox/ is some agent's checkout, not where the person works: it is skipped. */
function nearestWorkspace(from: string): string | undefined {
  const candidates: string[] = []
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (isFile(join(folder, 'agency.yaml'))) candidates.push(folder)
    if (dirname(folder) === folder) break
  }
  return candidates.find(folder => !candidates.some(outer => folder.startsWith(join(outer, 'sandbox') + sep)))
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Root of the installed package: where templates/, bin/ and dist/ are, from the sources as from the bundle. */
export const packageRoot: string = /* @__PURE__ */ (() => {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest) && readFileSync(manifest, 'utf8').includes('"tmux-agency"')) return folder
    if (dirname(folder) === folder) throw new Error('the package tmux-agency is not whole: its package.json is missing')
  }
})()
