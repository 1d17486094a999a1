/** What daemons that died have left of sandboxes: records half done, and things that no record speaks of. */
import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import { shortId } from '../kernel/ids.ts'
import { isHalfDone, type Sandbox } from '../model/sandbox.ts'
import type { SandboxParts } from './parts.ts'
import { homesFolder, worktreeFolder } from './places.ts'
import { endMarked, markedProcesses } from './processes.ts'
import { closeSession, markOf, sandboxesInTmux } from './session.ts'
import { resultsFolder } from './testing.ts'

export interface Leftovers {
  /** Nobody is at work on these any more. */
  readonly halfDone: readonly Sandbox[]
  /** Folders of data and logs without a record. */
  readonly homes: readonly string[]
  /** Ids whose session or processes are there without a record. */
  readonly sessions: readonly string[]
  /** Worktrees without a record: these stay, since who made them is not known. */
  readonly folders: readonly string[]
  /** Worktrees that were put aside when their sandbox went, since something was changed in them. */
  readonly kept: readonly string[]
}

const MOST = 1_000

export async function findLeftovers(parts: SandboxParts, isUnderWay: (id: string) => boolean): Promise<Leftovers> {
  const { store, workspace } = parts
  const begin = markOf(parts, '')
  const running = [...markedProcesses(begin).keys()].map(mark => mark.slice(begin.length))
  const inTmux = await sandboxesInTmux(parts)
  const homes = (await readdir(homesFolder(workspace)).catch(() => [])).filter(name => /^[0-9a-f]{8}$/.test(name))
  const worktrees = await worktreesIn(workspace, ['testing', 'staging'])
  const kept = await worktreesIn(workspace, ['kept'])
  // Asked last: a sandbox is recorded before anything of it is there, so none that comes just now is taken for left over.
  const open = await store.sandboxes({ includeDestroyed: false, limit: MOST })
  const ids = new Set<string>(open.map(({ id }) => id))
  const shorts = new Set([...ids].map(shortId))
  const known = new Set(open.map(({ folder }) => folder))
  return {
    halfDone: open.filter(sandbox => isHalfDone(sandbox) && !isUnderWay(sandbox.id)),
    homes: homes.filter(name => !shorts.has(name)).map(name => join(homesFolder(workspace), name)),
    sessions: [...new Set([...inTmux, ...running])].filter(id => !ids.has(id)),
    folders: worktrees.filter(folder => !known.has(folder)),
    kept,
  }
}

type Place = Parameters<typeof worktreeFolder>[1]

async function worktreesIn(workspace: Workspace, places: readonly Place[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const place of places) {
    const names = await readdir(worktreeFolder(workspace, place, '.')).catch(() => [])
    const folders = names.map(name => worktreeFolder(workspace, place, name))
    found.push(...folders.filter(folder => existsSync(join(folder, '.git'))))
  }
  return found
}

export async function removeLeftovers(parts: SandboxParts, { homes, sessions }: Leftovers): Promise<void> {
  for (const id of sessions) {
    await closeSession(parts, id)
    await endMarked(markOf(parts, id))
  }
  for (const home of homes) await rm(home, { recursive: true, force: true, maxRetries: 3 })
  await forgetOldResults(parts)
}

/** As long as the output of checks is kept. */
async function forgetOldResults(parts: SandboxParts): Promise<void> {
  const folder = resultsFolder(parts)
  const oldest = parts.clock.now() - parts.settings.keep.checks * 86_400_000
  for (const name of await readdir(folder).catch(() => [])) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found && found.mtimeMs < oldest) await rm(join(folder, name), { force: true })
  }
}
