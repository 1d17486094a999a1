/** Leaves a message in the outbox as any program could: written beside it, and renamed into it. Behind a wall that is a folder of the agent's own. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findWorkspace } from '../config/workspace.ts'
import { AgencyError } from '../kernel/errors.ts'
import { checkId } from '../kernel/ids.ts'
import { MAX_BODY_BYTES } from '../model/limits.ts'
import { LEFT_MESSAGE } from '../model/message.ts'
import { readCredentials } from './client.ts'
import type { Context } from './verb.ts'

export async function writeOutboxFile(
  context: Context,
  draft: Readonly<Record<string, unknown>> & { readonly id: string },
): Promise<void> {
  const id = checkId(draft.id)
  const { AGENCY_OUTBOX: own } = context.env
  if (own) {
    // Whose it is, the folder says.
    await leave(join(own, `.${id}.tmp`), join(own, `${id}.json`), { event: LEFT_MESSAGE, payload: draft })
    return
  }
  const workspace = findWorkspace({ flag: context.workspaceFlag, cwd: context.cwd, env: context.env })
  const { token } = readCredentials(workspace, context.env)
  for (const part of ['tmp', 'new']) await mkdir(join(workspace.outbox, part), { recursive: true, mode: 0o700 })
  const [temporary, file] = ['tmp', 'new'].map(part => join(workspace.outbox, part, `${id}.json`))
  await leave(temporary!, file!, { ...draft, token })
}

/** AgencyError('TOO_LARGE') for what no daemon would take in. */
async function leave(temporary: string, file: string, document: object): Promise<void> {
  const text = JSON.stringify(document)
  if (Buffer.byteLength(text) > 2 * MAX_BODY_BYTES)
    throw new AgencyError('TOO_LARGE', 'the message is too large to be left in the outbox', {
      hint: 'put it into a file and send its path',
    })
  await writeFile(temporary, text, { mode: 0o600 })
  await rename(temporary, file)
}
