/**
 * Git where an isolated agent is at home. Its clone is looked into behind a wall; its branch comes into the project by a fetch of
 * ours, of which the half that reads the clone runs behind the same wall.
 */
import { existsSync } from 'node:fs'
import type { Workspace } from '../config/workspace.ts'
import { KeyedLock } from '../kernel/keyedLock.ts'
import { type CloneMark, clonedAt } from '../walls/places.ts'
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
  return clone.repository
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
