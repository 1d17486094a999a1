/** The port's methods about work units and marks, each one transaction. */
import type { LogStore } from '../../store.ts'
import type { Connection } from '../connection.ts'
import { getMark, setMark } from '../marks.ts'
import type { Sync } from '../protocol.ts'
import { appendUnit, unitsAfter } from '../units.ts'

export function logMethods(connection: Connection): Sync<LogStore> {
  return {
    append(unit) {
      return connection.change(() => appendUnit(connection, unit))
    },

    units(filter, limit) {
      return unitsAfter(connection, filter, limit)
    },

    mark(name, value) {
      connection.change(() => setMark(connection, name, value))
    },

    marked(name) {
      return getMark(connection, name)
    },
  }
}
