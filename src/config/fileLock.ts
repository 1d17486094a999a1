/** Lock files between processes: for edits of what people also edit, and for the daemon's start. */
import lockfile from 'proper-lockfile'
import { until } from '../kernel/abort.ts'
import { AgencyError } from '../kernel/errors.ts'

export interface FileLock {
  readonly folder: string
  readonly lockfilePath: string
  /** After so long without a sign of life its holder counts as gone. */
  readonly staleMs: number
}

/** Longer than the lock of a holder that died stands. */
const PATIENCE_MS = 30_000

/** Undefined while another holds it. What the folder refuses is thrown: to wait for that would have no end. */
export async function tryLock({ folder, lockfilePath, staleMs }: FileLock): Promise<(() => Promise<void>) | undefined> {
  try {
    return await lockfile.lock(folder, { lockfilePath, stale: staleMs, retries: 0 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return undefined
    throw error
  }
}

/** Waits for another's edit to end. AgencyError('HELD') when it does not. */
export async function withEditLock<T>(place: Omit<FileLock, 'staleMs'>, edit: () => Promise<T>): Promise<T> {
  const release = await until(() => tryLock({ ...place, staleMs: 20_000 }), { timeoutMs: PATIENCE_MS, everyMs: 50 })
  if (!release)
    throw new AgencyError('HELD', `another edit of ${place.folder} has not ended within ${PATIENCE_MS / 1000} s`, {
      hint: 'agency doctor',
    })
  try {
    return await edit()
  } finally {
    await release()
  }
}
