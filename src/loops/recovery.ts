/** After a start of the daemon: who is there, and what was under way. Nobody is served before. */
import type { LoopParts } from './parts.ts'

export async function recover(parts: LoopParts): Promise<void> {
  const { definitions, roster, scripts, sweeper, locks, taskWork, sandboxes, outbox } = parts
  await definitions.load()
  for (const address of roster.agents.keys()) {
    scripts.hasWritten(address)
    await hearAgain(parts, address)
  }
  await sweeper.recover()
  await locks.recover()
  await taskWork.recover()
  await sandboxes.recover()
  // What was left while no daemon ran was said before anything that is said now.
  await outbox.tick()
}

/** One agent's folder or driver must not keep the daemon from everybody else. */
async function hearAgain({ runs, hooks, log }: LoopParts, address: string): Promise<void> {
  try {
    await runs.watch(address)
    await hooks.takeSpool(address)
  } catch (error) {
    hooks.hasSpooled(address)
    log.error({ err: error, agent: address }, 'what its hooks left could not be read')
  }
}
