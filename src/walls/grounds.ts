/** What every wall of bubblewrap stands on: whether this machine can build one, and the parts of it that anybody may read. */
import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { execa } from 'execa'

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

export const INSTALL_HINT = 'apt-get install bubblewrap   or   dnf install bubblewrap'

let probe: Promise<string | undefined> | undefined

/** Undefined when this machine can build a wall, else why not. Asked once. */
export function whyNoWall(): Promise<string | undefined> {
  probe ??= tryWall()
  return probe
}

async function tryWall(): Promise<string | undefined> {
  const words = ['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--ro-bind', '/', '/']
  const tried = await execa('bwrap', [...words, '--dev', '/dev', '--proc', '/proc', 'true'], {
    reject: false,
    timeout: PROBE_MS,
    stdin: 'ignore',
  })
  if (!tried.failed) return undefined
  if (tried.code === 'ENOENT') return 'bubblewrap is not installed'
  const said = String(tried.stderr || tried.shortMessage).trim()
  return `bubblewrap does not work here: ${said.split('\n').at(-1)}`
}

/** The command to type next when there is no wall. */
export function wallHint(why: string): string {
  if (why.includes('not installed')) return INSTALL_HINT
  return 'sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0   (user namespaces are forbidden here)'
}

/** A fresh root: the system to be read, and empty folders for what is made while something runs. */
export function groundWords({ hasNetwork }: { hasNetwork: boolean }): readonly string[] {
  const empty = ['--tmpfs', '/tmp', '--tmpfs', '/dev/shm', '--dir', '/run', '--dir', '/var/tmp']
  return [
    ...['--proc', '/proc', '--dev', '/dev', ...empty],
    ...SYSTEM.flatMap(system),
    ...(hasNetwork ? resolver() : []),
  ]
}

export function isOfSystem(path: string): boolean {
  return SYSTEM.some(part => path === part || path.startsWith(`${part}/`))
}

function system(path: string): readonly string[] {
  if (!existsSync(path)) return []
  return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path]
}

export function readOnly(path: string): readonly string[] {
  return existsSync(path) ? ['--ro-bind', path, path] : []
}

/** /etc/resolv.conf is often a link into /run. */
function resolver(): readonly string[] {
  const file = '/etc/resolv.conf'
  const real = existsSync(file) ? realpathSync(file) : file
  return real === file ? [] : readOnly(real)
}

/** Programs that are found outside of the system's folders, and what lies beside them: never a whole home. */
export function toolFolders(path: string): readonly string[] {
  const home = homedir()
  const folders = [dirname(process.execPath), ...path.split(':')].filter(
    folder => folder.startsWith('/') && existsSync(folder),
  )
  const outside = folders.filter(folder => !isOfSystem(folder))
  const whole = (folder: string) => {
    const parent = dirname(folder)
    const isPrefix =
      basename(folder) === 'bin' && ![home, join(home, '.local'), join(home, '.cargo'), '/'].includes(parent)
    return isPrefix && existsSync(join(parent, 'lib')) ? parent : folder
  }
  const known = TOOLCHAINS.map(name => join(home, name)).filter(folder => existsSync(folder))
  return [...new Set([...outside.map(whole), ...known])].filter(folder => folder !== '/' && folder !== home)
}
