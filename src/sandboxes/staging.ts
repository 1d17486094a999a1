/** What has passed waits under sandbox/staging; there it rests with nothing running, and is woken when somebody wants to see it. */
import { isUp, type Sandbox, urlOf } from '../model/sandbox.ts'
import { notUp, type SandboxBook } from './book.ts'
import { relaunch, takeDown } from './launch.ts'
import type { Progress, SandboxParts } from './parts.ts'
import { worktreeFolder } from './places.ts'
import { freshPorts } from './ports.ts'
import { moveWorktree } from './worktree.ts'

/** The same commit and data under sandbox/staging. Without a program there is nothing to see, so it rests at once. */
export async function stage(parts: SandboxParts, book: SandboxBook, before: Sandbox, tell: Progress): Promise<Sandbox> {
  if (before.place === 'staging') return before
  if (before.state !== 'passed' && (before.plan.test || before.state !== 'running')) throw notUp(before)
  const folder = worktreeFolder(parts.workspace, 'staging', before.slug)
  await takeDown(parts, before)
  parts.crashAt('sandbox-staging')
  await moveWorktree(parts.git, before.repository, { from: before.folder, to: folder, umask: parts.umask })
  const staged: Sandbox = { ...before, folder, place: 'staging', isResting: true }
  await parts.store.changeSandbox(staged, before.state, book.unit(staged, 'decision', 'staged'))
  parts.crashAt('sandbox-staged')
  return staged.plan.app ? wake(parts, staged, tell) : staged
}

/** Ends everything of it that runs; nothing that it has made is lost. */
export async function rest(parts: SandboxParts, sandbox: Sandbox): Promise<Sandbox> {
  if (sandbox.isResting) return sandbox
  await takeDown(parts, sandbox)
  const resting: Sandbox = { ...sandbox, isResting: true }
  await parts.store.changeSandbox(resting, sandbox.state)
  return resting
}

/** At its old ports where they are still free. */
export async function wake(parts: SandboxParts, sandbox: Sandbox, tell: Progress): Promise<Sandbox> {
  if (!sandbox.isResting || !isUp(sandbox)) return sandbox
  const { isResting: _, ...rest } = sandbox
  const ports = await freshPorts(sandbox.ports)
  const url = urlOf(sandbox.plan, ports)
  const awake: Sandbox = { ...rest, ports, ...(url === undefined ? {} : { url }) }
  await takeDown(parts, sandbox)
  await relaunch(parts, sandbox, awake, tell).catch(async error => {
    await takeDown(parts, sandbox)
    throw error
  })
  await parts.store.changeSandbox(awake, sandbox.state)
  return awake
}
