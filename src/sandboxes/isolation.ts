/** The wall around a sandbox, by bubblewrap: its own loopback and nothing else of the network, no home, no registry, no tmux. */
import { dirname, join } from 'node:path'
import { AgencyError } from '../kernel/errors.ts'
import type { IsolationLevel, Sandbox } from '../model/sandbox.ts'
import { groundWords, INSTALL_HINT, readOnly, toolFolders, whyNoWall } from '../walls/grounds.ts'
import type { SandboxPlaces } from './places.ts'

/** AgencyError('ENVIRONMENT') when the wall is asked for and cannot be built: then nothing is run at all. */
export async function chooseIsolation(
  wished: IsolationLevel | undefined,
): Promise<{ level: IsolationLevel; note?: string }> {
  if (wished === 'none') return { level: 'none' }
  const why = await whyNoWall()
  if (why === undefined) return { level: 'bubblewrap' }
  if (wished === 'bubblewrap')
    throw new AgencyError('ENVIRONMENT', `this agency wants its sandboxes isolated, and ${why}`, {
      hint: `${INSTALL_HINT}   or "isolation": "none" below "sandbox" in agency.json`,
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
  /** For the setup, which fetches what the project needs, and is given its environment with its start: argv is for all to read. */
  readonly isSetup?: boolean
}

/** bwrap and its words, up to the program. What comes later lies over what came before. */
export function wall({ sandbox, places, shared, path, program, isSetup = false }: Wall): readonly string[] {
  const { folder } = sandbox
  const readable = [...toolFolders(path), ...shared, dirname(program)]
  return [
    'bwrap',
    '--unshare-all',
    ...(isSetup ? ['--share-net'] : []),
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--hostname', 'sandbox'],
    ...(isSetup ? [] : ['--clearenv', '--setenv', 'PATH', path]),
    ...groundWords({ hasNetwork: isSetup }),
    ...readable.flatMap(readOnly),
    ...['--bind', folder, folder],
    // Were it to be replaced, git outside would read what somebody inside has written there.
    ...readOnly(join(folder, '.git')),
    ...[places.data, places.logs, places.sockets.folder].flatMap(path => ['--bind', path, path]),
    ...readOnly(places.orderFile),
    ...['--chdir', folder, '--'],
  ]
}
