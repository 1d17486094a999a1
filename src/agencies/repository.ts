/** The repository that an agency's agents work on, as its definition or the settings name it. */
import { resolve } from 'node:path'
import type { Settings } from '../config/settings.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Definition } from '../model/definition.ts'

/** Undefined when neither names one. Not looked at: it may be gone. */
export function repositoryRoot(
  { workspace, settings }: { readonly workspace: Workspace; readonly settings: Settings },
  definition: Definition,
): string | undefined {
  const named = definition.repo ?? settings.repo
  return named === undefined ? undefined : resolve(workspace.root, named)
}
