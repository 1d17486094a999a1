/** Table of agencies: one record each, as the daemon last knew it. */
import type { AgencyRecord } from '../../model/agent.ts'
import type { Connection } from './connection.ts'

const SAVE = `insert into agencies (name, record) values (?, ?) on conflict (name) do update set record = excluded.record`
const ALL = `select record from agencies order by name`
const REMOVE = `delete from agencies where name = ?`

export function saveAgency(connection: Connection, record: AgencyRecord): void {
  connection.run(SAVE, record.name, JSON.stringify(record))
}

export function allAgencies(connection: Connection): AgencyRecord[] {
  return connection.all<{ record: string }>(ALL).map(({ record }) => JSON.parse(record) as AgencyRecord)
}

/** False when there was none. */
export function removeAgency(connection: Connection, name: string): boolean {
  return connection.run(REMOVE, name) === 1
}
