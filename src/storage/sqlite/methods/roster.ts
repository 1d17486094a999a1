/** The port's methods about agencies and agents, each one transaction. */
import { newId } from '../../../kernel/ids.ts'
import { agencyOf, SYSTEM } from '../../../model/names.ts'
import { type UnitDraft, type UnitType, WORKSPACE_CONTEXT } from '../../../model/unit.ts'
import type { RosterStore } from '../../store.ts'
import { allAgencies, removeAgency, saveAgency } from '../agencies.ts'
import { allAgents, removeAgent, removeAgentsOf, saveAgent } from '../agents.ts'
import type { Connection } from '../connection.ts'
import { openToAgency, openToAgent } from '../deliveries.ts'
import { endLocksOf } from '../lockChanges.ts'
import type { Sync } from '../protocol.ts'
import { buryAll } from '../transitions.ts'
import { appendUnit } from '../units.ts'

export function rosterMethods(connection: Connection): Sync<RosterStore> {
  return {
    saveAgency(record, unit) {
      connection.change(() => {
        saveAgency(connection, record)
        if (unit) appendUnit(connection, unit)
      })
    },

    saveAgent(record, unit) {
      connection.change(() => {
        saveAgent(connection, record)
        if (unit) appendUnit(connection, unit)
      })
    },

    agencies() {
      return allAgencies(connection)
    },

    agents() {
      return allAgents(connection)
    },

    removeAgency(name, at, reason) {
      connection.change(() => {
        for (const { address, agency } of allAgents(connection))
          if (agency === name) endLocksOf(connection, address, at, reason)
        const agents = removeAgentsOf(connection, name)
        const wasThere = removeAgency(connection, name) || agents > 0
        buryAll(connection, openToAgency(connection, name), at, reason)
        if (wasThere) appendUnit(connection, removal('agency', name, { context: name, at, reason }))
      })
    },

    removeAgent(address, at, reason) {
      connection.change(() => {
        const wasThere = removeAgent(connection, address)
        endLocksOf(connection, address, at, reason)
        buryAll(connection, openToAgent(connection, address), at, reason)
        const context = agencyOf(address) ?? WORKSPACE_CONTEXT
        if (wasThere) appendUnit(connection, removal('agent-state', address, { context, at, reason }))
      })
    },
  }
}

function removal(
  type: UnitType,
  subject: string,
  { context, at, reason }: { context: string; at: number; reason: string },
): UnitDraft {
  const metadata = { event: 'remove', reason }
  return { id: newId(), context, agent: SYSTEM, type, at, subject, metadata, payload: undefined, relations: [] }
}
