/** Table of agents: one record each, as the daemon last knew it. */
import type { AgentRecord } from '../../model/agent.ts'
import type { Address } from '../../model/names.ts'
import type { Connection } from './connection.ts'

const SAVE = `insert into agents (address, record) values (?, ?) on conflict (address) do update set record = excluded.record`
const ALL = `select record from agents order by address`
const REMOVE = `delete from agents where address = ?`
// Every address of an agency lies between "Name/" and "Name0", the character after the slash.
const REMOVE_OF_AGENCY = `delete from agents where address >= @name || '/' and address < @name || '0'`

export function saveAgent(connection: Connection, record: AgentRecord): void {
  connection.run(SAVE, record.address, JSON.stringify(record))
}

export function allAgents(connection: Connection): AgentRecord[] {
  return connection.all<{ record: string }>(ALL).map(({ record }) => JSON.parse(record) as AgentRecord)
}

/** False when there was none. */
export function removeAgent(connection: Connection, address: Address): boolean {
  return connection.run(REMOVE, address) === 1
}

/** Returns how many there were. */
export function removeAgentsOf(connection: Connection, agency: string): number {
  return connection.run(REMOVE_OF_AGENCY, { name: agency })
}
