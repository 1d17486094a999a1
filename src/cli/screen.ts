/** From a verb to its screen: whether there is a terminal for one, and how it finds its daemon again. Loads nothing of the screens. */
import type { Client } from './client.ts'
import { openClient } from './connection.ts'
import type { Context } from './verb.ts'

/** Where there is none, the verb says the same as text. */
export function hasScreen({ isJson, env }: Pick<Context, 'isJson' | 'env'>): boolean {
  return !isJson && process.stdin.isTTY === true && process.stdout.isTTY === true && env.TERM !== 'dumb'
}

/** A connection to a daemon that runs; starts none. AgencyError('NO_DAEMON') when there is none. */
export function reopener({ workspaceFlag, cwd, env }: Context): () => Promise<Client> {
  const quiet = () => {}
  return async () => (await openClient({ flag: workspaceFlag, cwd, env, note: quiet, mayStart: false })).client
}
