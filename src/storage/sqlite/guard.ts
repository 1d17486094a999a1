/** The single owner of a workspace's store: a lock that vanishes with the process, however it ends. */
import { closeSync, existsSync, openSync } from 'node:fs'
import { AgencyError } from '../../kernel/errors.ts'
import { Connection } from './connection.ts'
import { toStoreError } from './failure.ts'

/**
 * Holds the lock database `file` until `release`, or until the process ends. AgencyError('CONFLICT') when it is held.
 * It is the kernel's lock on an open file: closing any other handle of the same file in this process would drop it,
 * so nothing but SQLite may open it.
 */
export function holdOwnership(file: string): { release(): void } {
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  const connection = new Connection(file, { timeout: 0 })
  try {
    connection.execute('begin exclusive')
  } catch (error) {
    connection.close()
    if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) throw toStoreError(error, file)
    throw new AgencyError('CONFLICT', `another daemon owns this workspace (it holds ${file})`, {
      hint: `see it: agency status   (or: fuser '${file}')`,
      cause: error,
    })
  }
  return { release: () => void connection.close() }
}
