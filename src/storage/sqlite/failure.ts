/** What an error of SQLite means for the store: a damaged file, a disk that fails, a disk that is full, or a mistake of ours. */
import { AgencyError, toAgencyError } from '../../kernel/errors.ts'

/** Extended result codes, such as SQLITE_IOERR_FSYNC. */
function sqliteCode(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : ''
}

/** The disk is full: nothing of the transaction was kept, and the next may pass when there is space. */
export function isDiskFull(error: unknown): boolean {
  return sqliteCode(error) === 'SQLITE_FULL'
}

/** After such an error nothing is known about what is on disk, so the store may acknowledge nothing more. */
export function isFatal(error: unknown): boolean {
  return /^SQLITE_(IOERR|CORRUPT|NOTADB|READONLY|CANTOPEN)/.test(sqliteCode(error))
}

export function damaged(file: string, detail: string, cause?: unknown): AgencyError {
  return new AgencyError('STORE_DAMAGED', `the store ${file} is damaged: ${detail}`, {
    hint: `nothing was changed. Keep a copy, then rescue what can be read: sqlite3 '${file}' .recover | sqlite3 rescued.db, or move it away to begin anew`,
    cause,
  })
}

export function toStoreError(error: unknown, file: string): AgencyError {
  if (error instanceof AgencyError) return error
  const code = sqliteCode(error)
  const detail = (error as Error)?.message ?? String(error)
  if (isDiskFull(error))
    return new AgencyError('DISK', `no space is left for the store ${file}; nothing of this was kept`, {
      hint: 'free some space, then try again: df -h',
      cause: error,
    })
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return damaged(file, detail, error)
  if (isFatal(error))
    return new AgencyError('DISK', `the store ${file} cannot be read or written (${code}: ${detail})`, {
      hint: 'look at the disk: dmesg | tail; df -h. Then start again: agency up',
      cause: error,
    })
  if (code.startsWith('SQLITE_BUSY'))
    return new AgencyError('CONFLICT', `another process is writing to the store ${file}`, {
      hint: `find it: fuser '${file}'`,
      cause: error,
    })
  return toAgencyError(error)
}
