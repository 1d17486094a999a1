/** The wall around a sandbox, by bubblewrap: its own loopback and nothing else of the network, no home, no registry, no tmux. */
import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { execa } from 'execa'
import { AgencyError } from '../kernel/errors.ts'
import type { IsolationLevel, Sandbox } from '../model/sandbox.ts'
import type { SandboxPlaces } from './places.ts'

const PROBE_MS = 5_000
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt', '/nix']
/** Toolchains and their caches that are often kept in a home; none of them holds a secret. */
const TOOLCHAINS = [
  '.rustup',
  '.cargo/registry',
  '.cargo/git',
  'go/pkg/mod',
  '.pyenv',
  '.nvm/versions',
  '.volta/tools',
  '.asdf/installs',
]

let probe: Promise<string | undefined> | undefined

/** Undefined when this machine can build the wall, else why not. Asked once. */
export function whyNoWall(): Promise<string | undefined> {
  probe ??= tryWall()
  return probe
}

async function tryWall(): Promise<string | undefined> {
  const words = [
    '--unshare-all',
    '--die-with-parent',
    '--new-session',
    '--cap-drop',
    'ALL',
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
  ]
  const tried = await execa('bwrap', [...words, 'true'], { reject: false, timeout: PROBE_MS, stdin: 'ignore' })
  if (!tried.failed) return undefined
  if (tried.code === 'ENOENT') return 'bubblewrap is not installed'
  return `bubblewrap does not work here: ${String(tried.stderr || tried.shortMessage)
    .trim()
    .split('\n')
    .at(-1)}`
}

/** AgencyError('ENVIRONMENT') when the wall is asked for and cannot be built: then nothing is run at all. */
export async function chooseIsolation(
  wished: IsolationLevel | undefined,
): Promise<{ level: IsolationLevel; note?: string }> {
  if (wished === 'none') return { level: 'none' }
  const why = await whyNoWall()
  if (why === undefined) return { level: 'bubblewrap' }
  if (wished === 'bubblewrap')
    throw new AgencyError('ENVIRONMENT', `this agency wants its sandboxes isolated, and ${why}`, {
      hint: 'apt-get install bubblewrap   or "isolation": "none" below "sandbox" in agency.json',
    })
  return { level: 'none', note: `not isolated: ${why}` }
}

export interface Wall {
  readonly sandbox: Sandbox
  readonly places: SandboxPlaces
  /** Folders outside that its links lead to. */
  readonly shared: readonly string[]
  readonly path: string
  /** The bundle that runs inside. */
  readonly program: string
  /** For the setup, which fetches what the project needs. */
  readonly hasNetwork?: boolean
}

/** bwrap and its words, up to the program. What comes later lies over what came before. */
export function wall({ sandbox, places, shared, path, program, hasNetwork = false }: Wall): readonly string[] {
  const { folder } = sandbox
  const readable = [...toolFolders(path), ...shared, dirname(program)]
  return [
    'bwrap',
    '--unshare-all',
    ...(hasNetwork ? ['--share-net'] : []),
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--hostname', 'sandbox', '--clearenv'],
    ...['--setenv', 'PATH', path],
    ...[
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      '--tmpfs',
      '/tmp',
      '--tmpfs',
      '/dev/shm',
      '--dir',
      '/run',
      '--dir',
      '/var/tmp',
    ],
    ...SYSTEM.flatMap(system),
    ...(hasNetwork ? resolver() : []),
    ...readable.flatMap(readOnly),
    ...['--bind', folder, folder],
    // Were it to be replaced, git outside would read what somebody inside has written there.
    ...readOnly(join(folder, '.git')),
    ...[places.data, places.logs, places.sockets.folder].flatMap(path => ['--bind', path, path]),
    ...readOnly(places.orderFile),
    ...['--chdir', folder, '--'],
  ]
}

function system(path: string): readonly string[] {
  if (!existsSync(path)) return []
  return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path]
}

function readOnly(path: string): readonly string[] {
  return existsSync(path) ? ['--ro-bind', path, path] : []
}

/** /etc/resolv.conf is often a link into /run. */
function resolver(): readonly string[] {
  const file = '/etc/resolv.conf'
  const real = existsSync(file) ? realpathSync(file) : file
  return real === file ? [] : readOnly(real)
}

/** Programs that are found outside of the system's folders, and what lies beside them: never a whole home. */
function toolFolders(path: string): readonly string[] {
  const home = homedir()
  const folders = [dirname(process.execPath), ...path.split(':')].filter(
    folder => folder.startsWith('/') && existsSync(folder),
  )
  const outside = folders.filter(folder => !SYSTEM.some(part => folder === part || folder.startsWith(`${part}/`)))
  const whole = (folder: string) => {
    const parent = dirname(folder)
    const isPrefix =
      basename(folder) === 'bin' && ![home, join(home, '.local'), join(home, '.cargo'), '/'].includes(parent)
    return isPrefix && existsSync(join(parent, 'lib')) ? parent : folder
  }
  const known = TOOLCHAINS.map(name => join(home, name)).filter(folder => existsSync(folder))
  return [...new Set([...outside.map(whole), ...known])].filter(folder => folder !== '/' && folder !== home)
}
