/** The port's methods about locks, each one transaction. */

import { untilOf } from '../../../model/lock.ts'
import type { LockStore } from '../../lockStore.ts'
import type { Connection } from '../connection.ts'
import { acquireLock, endLock, extendLock, sweepLocks } from '../lockChanges.ts'
import { locksOnAny } from '../lockOverlaps.ts'
import { lockById, lockCounters, openLocks } from '../locks.ts'
import type { Sync } from '../protocol.ts'

export function lockMethods(connection: Connection): Sync<LockStore> {
  return {
    acquireLock(asked, options) {
      return connection.change(() => acquireLock(connection, asked, options))
    },

    extendLock(id, change) {
      return connection.change(() => extendLock(connection, id, change))
    },

    endLock(id, change) {
      return connection.change(() => endLock(connection, id, change))
    },

    sweepLocks(options) {
      return connection.change(() => sweepLocks(connection, options))
    },

    locks(now) {
      return openLocks(connection, lockCounters(connection, now).now)
    },

    findLock(idOrShort, now) {
      const lock = lockById(connection, idOrShort)
      return lock && untilOf(lock) > lockCounters(connection, now).now ? lock : undefined
    },

    locksOn(resources, now) {
      const time = lockCounters(connection, now).now
      return locksOnAny(connection, resources).filter(({ lock }) => untilOf(lock) > time)
    },

    lockTime() {
      return lockCounters(connection, 0).seen
    },
  }
}
