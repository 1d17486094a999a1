/** The port's methods about work units and marks, each one transaction. */
import type { LogStore } from '../../store.ts'
import type { Connection } from '../connection.ts'
import { getMark, setMark } from '../marks.ts'
import type { Sync } from '../protocol.ts'
import { listUnits, unitSpan } from '../unitListing.ts'
import { appendUnit } from '../units.ts'

export function logMethods(connection: Connection): Sync<LogStore> {
  return {
    append(unit) {
      return connection.change(() => appendUnit(connection, unit))
    },

    units(filter, limit, which = 'oldest') {
      return listUnits(connection, filter, limit, which)
    },

    unitSpan(time) {
      return unitSpan(connection, time)
    },

    mark(name, value) {
      connection.change(() => setMark(connection, name, value))
    },

    marked(name) {
      return getMark(connection, name)
    },
  }
}
