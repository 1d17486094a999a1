/** What commands of an agency are run behind, where its agents have written: a wall as theirs, or nothing at the cooperative level. */
import { repositoryRoot } from '../agencies/repository.ts'
import type { Roster } from '../agencies/roster.ts'
import type { Settings } from '../config/settings.ts'
import type { Workspace } from '../config/workspace.ts'
import { isolationOf, members, wantsWall } from '../model/definition.ts'
import { sharedFolders } from '../walls/agentWall.ts'
import { workCage } from '../walls/workWall.ts'

export interface CageParts {
  readonly workspace: Workspace
  readonly settings: Settings
  readonly roster: Roster
}

/** Words to put before a command; none when it runs as the person. Where the machine can build no wall, they say so and run nothing. */
export async function cageOf(parts: CageParts, agency: string | undefined, folder: string): Promise<readonly string[]> {
  const { workspace, roster } = parts
  const definition = agency === undefined ? undefined : roster.definitions.get(agency)
  if (!definition || !wantsWall(definition)) return []
  const repository = repositoryRoot(parts, definition)
  const shared = await sharedFolders(repository, definition.worktrees?.share ?? [])
  // One that may not use it is enough: it may have written what is run.
  const hasNetwork = members(definition).every(agent => isolationOf(definition, agent).network)
  return workCage({ workspace, repository, folder, shared, hasNetwork, isWritable: true })
}
