/**
 * Git where an isolated agent is at home. Its clone is looked into behind a wall; its branch comes into the project by a fetch of
 * ours, of which the half that reads the clone runs behind the same wall.
 */
import { existsSync } from 'node:fs'
import type { Workspace } from '../config/workspace.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import { type CloneMark, clonedAt, mirrorOf } from '../walls/places.ts'
import { workCage } from '../walls/workWall.ts'

type Attempt = (folder: string, args: readonly string[]) => Promise<{ ok: boolean; output: string }>

/** A program that watches files for git is asked for nothing here: what it says would be the agent's word anyway. */
export const CLONE_SETTINGS = ['-c', 'core.fsmonitor=false', '-c', 'core.untrackedCache=false']

const fetches = new KeyedLock()

export function gitCage(workspace: Workspace, { folder, repository }: CloneMark): Promise<readonly string[]> {
  return workCage({ workspace, repository, folder, isWritable: false, hasNetwork: false })
}

/** The repository, with the clone's branch as it is just now. What is there by a name that is not its own is not looked at. */
export async function commitsOf(workspace: Workspace | undefined, attempt: Attempt, folder: string): Promise<string> {
  const clone = workspace && clonedAt(workspace, folder)
  if (!clone) return folder
  // One that is gone has nothing new to say.
  if (existsSync(clone.folder)) await fetches.run(clone.folder, () => fetchBranch(workspace, attempt, clone))
  const mirror = mirrorOf(workspace, clone.repository)
  await fetches.run(mirror, () => refreshSeldom(attempt, mirror, clone.repository))
  return clone.repository
}

const MIRROR_EVERY_MS = 2_000
const refreshed = new Map<string, number>()

/** What the person has merged meanwhile is there for `git fetch` in a clone. */
async function refreshSeldom(attempt: Attempt, mirror: string, repository: string): Promise<void> {
  const now = performance.now()
  if (now - (refreshed.get(mirror) ?? Number.NEGATIVE_INFINITY) < MIRROR_EVERY_MS || !existsSync(mirror)) return
  refreshed.set(mirror, now)
  await fetchMirror(attempt, mirror, repository)
}

/** The person's branches and tags: those of agents are for nobody else to see. */
export function fetchMirror<T>(
  run: (folder: string, args: readonly string[]) => Promise<T>,
  mirror: string,
  repository: string,
): Promise<T> {
  const specs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*', '^refs/heads/agency/*']
  return run(mirror, ['fetch', '--quiet', '--prune', '--no-write-fetch-head', '--update-shallow', repository, ...specs])
}

/** Objects are checked as they come in; nothing of the clone's configuration or hooks is read or run on our side. */
async function fetchBranch(workspace: Workspace, attempt: Attempt, clone: CloneMark): Promise<void> {
  const { repository, folder, branch } = clone
  const path = process.env.PATH ?? '/usr/bin:/bin'
  const served = ['env', '-i', `PATH=${path}`, 'git', ...CLONE_SETTINGS, 'upload-pack', '--timeout=20']
  const words = [...(await gitCage(workspace, clone)), ...served]
  const spec = `+refs/heads/${branch}:refs/heads/${branch}`
  await attempt(repository, [
    ...[
      '-c',
      'fetch.fsckObjects=true',
      '-c',
      'protocol.version=0',
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
    ],
    ...['--no-recurse-submodules', '--no-auto-maintenance', '--upload-pack', words.map(quote).join(' '), folder, spec],
  ])
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
