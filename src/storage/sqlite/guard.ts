/** The single owner of a workspace's store: a lock that vanishes with the process, however it ends. */
import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import { AgencyError } from '../../kernel/errors.ts'
import { Connection } from './connection.ts'
import { toStoreError } from './failure.ts'

export interface Ownership {
  release(): void
  /** Whether the file is gone, or another lies in its place: whoever looks there now finds no owner, and becomes one. */
  isLost(): boolean
}

/**
 * Holds the lock database `file` until `release`, or until the process ends. AgencyError('CONFLICT') when it is held.
 * It is the kernel's lock on an open file: closing any other handle of the same file in this process would drop it,
 * so nothing but SQLite may open it.
 */
export function holdOwnership(file: string): Ownership {
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
  const held = identity(file)
  return { release: () => void connection.close(), isLost: () => identity(file) !== held }
}

/** Without opening it. */
function identity(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}
