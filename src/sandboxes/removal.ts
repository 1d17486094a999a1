/** Takes a sandbox away, whatever is left of it: each step is safe to do again, so that a crash in between costs nothing. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { shortId } from '../kernel/ids.ts'
import type { Sandbox } from '../model/sandbox.ts'
import { dropDatabase } from './database.ts'
import { takeDown } from './launch.ts'
import type { SandboxParts } from './parts.ts'
import { placesOf, worktreeFolder } from './places.ts'
import { giveBackPorts } from './ports.ts'
import { databaseServer } from './prepare.ts'
import { removeWorktree } from './worktree.ts'

/** Returns what a person should know of it. */
export async function remove(parts: SandboxParts, sandbox: Sandbox): Promise<readonly string[]> {
  const { workspace, git, umask, roster, log } = parts
  const { slug, id, repository, commit, home } = sandbox
  const notes: string[] = []
  await takeDown(parts, sandbox)
  if (sandbox.plan.database === 'postgres') {
    const admin = databaseServer(parts, roster.definitions.get(sandbox.agency))
    const failure =
      admin &&
      (await dropDatabase(admin, sandbox).then(
        () => undefined,
        error => String(error),
      ))
    if (failure) notes.push(`its database may still be there: ${failure}`)
  }
  // It may have been on its way from one place to the other.
  for (const place of ['testing', 'staging'] as const) {
    const folder = worktreeFolder(workspace, place, slug)
    if (folder !== sandbox.folder && !existsSync(folder)) continue
    const aside = worktreeFolder(workspace, 'kept', `${slug}-${shortId(id)}`)
    const kept = await removeWorktree(git, { repository, folder, commit, aside, umask })
    if (kept) notes.push(`its folder is kept in ${kept.keptIn}: ${kept.why}`)
  }
  parts.crashAt('sandbox-removed')
  await rm(placesOf(workspace, sandbox).sockets.folder, { recursive: true, force: true })
  await rm(home, { recursive: true, force: true, maxRetries: 3 })
  giveBackPorts(Object.values(sandbox.ports))
  if (notes.length > 0) log.warn({ sandbox: slug, notes }, 'something of a sandbox was kept')
  return notes
}
