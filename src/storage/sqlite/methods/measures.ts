/** The port's methods about measures; all of them only read. */
import type { MeasureStore } from '../../measureStore.ts'
import type { Connection } from '../connection.ts'
import { countDeliveries, countOpenTasks, readFacts } from '../measures.ts'
import type { Sync } from '../protocol.ts'

export function measureMethods(connection: Connection): Sync<MeasureStore> {
  return {
    facts(units) {
      return readFacts(connection, units)
    },

    deliveryCounts() {
      return countDeliveries(connection)
    },

    openTaskCounts() {
      return countOpenTasks(connection)
    },
  }
}
