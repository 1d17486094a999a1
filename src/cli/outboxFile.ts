/** Leaves a message in the outbox as any program could: written beside it, and renamed into it. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findWorkspace } from '../config/workspace.ts'
import { newId } from '../kernel/ids.ts'
import { readCredentials } from './client.ts'
import type { Context } from './verb.ts'

export async function writeOutboxFile(context: Context, draft: Record<string, unknown>): Promise<string> {
  const workspace = findWorkspace({ flag: context.workspaceFlag, cwd: context.cwd, env: context.env })
  const { token } = readCredentials(workspace, context.env)
  const id = typeof draft.id === 'string' ? draft.id : newId()
  for (const part of ['tmp', 'new']) await mkdir(join(workspace.outbox, part), { recursive: true, mode: 0o700 })
  const temporary = join(workspace.outbox, 'tmp', `${id}.json`)
  await writeFile(temporary, JSON.stringify({ ...draft, id, token }), { mode: 0o600 })
  await rename(temporary, join(workspace.outbox, 'new', `${id}.json`))
  return id
}
