/**
 * The wall around what the daemon itself runs where isolated agents' work lies: git in their clones, since a repository tells git
 * which programs to run, and their checks, which are code of theirs.
 */
import { lstatSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import { PLAIN_ENVIRONMENT } from '../model/isolation.ts'
import { bind, hideWithin } from './agentWall.ts'
import { groundWords, isOfSystem, readOnly, toolFolders, wallHint, whyNoWall } from './grounds.ts'
import { mirrorOf } from './places.ts'

export interface WorkWall {
  readonly workspace: Workspace
  readonly repository: string | undefined
  readonly folder: string
  readonly isWritable: boolean
  readonly hasNetwork: boolean
  /** Folders outside that links in it lead to. */
  readonly shared?: readonly string[]
}

/** bwrap and its words, up to the program. */
export function workWall(wall: WorkWall): readonly string[] {
  const { workspace, repository, folder, isWritable, hasNetwork, shared = [] } = wall
  const tools = toolFolders(process.env.PATH ?? '/usr/bin:/bin')
  const home = homedir()
  return [
    'bwrap',
    '--unshare-all',
    ...(hasNetwork ? ['--share-net'] : []),
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ...groundWords({ hasNetwork }),
    ...(isOfSystem(home) ? [] : ['--tmpfs', home]),
    ...tools.flatMap(readOnly),
    ...hideWithin(wall, tools),
    ...shared.flatMap(readOnly),
    ...(repository === undefined ? [] : readOnly(mirrorOf(workspace, repository))),
    ...(isWritable ? bind(folder) : readOnly(folder)),
    // That of a worktree of ours tells git outside where to look.
    ...(isWritable && isFile(join(folder, '.git')) ? readOnly(join(folder, '.git')) : []),
    ...['--chdir', folder],
  ]
}

/** The same, or words that say why nothing is run where this machine can build no wall. What follows them is run behind it, or not at all. */
export async function workCage(wall: WorkWall): Promise<readonly string[]> {
  const why = await whyNoWall()
  if (why === undefined) return [...workWall(wall), '--']
  const words = `not run: the work of an isolated agent is tried behind a wall, and ${why}\ntry ${wallHint(why)}`
  return ['/bin/sh', '-c', 'printf "%s\\n" "$0" >&2; exit 126', words]
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** Of an environment what is nobody's secret. */
export function plainEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const isPlain = (key: string) =>
    PLAIN_ENVIRONMENT.some(name => (name.endsWith('*') ? key.startsWith(name.slice(0, -1)) : key === name))
  const plain = Object.entries(env).filter(([key, value]) => value !== undefined && isPlain(key))
  return Object.fromEntries(plain) as Record<string, string>
}
