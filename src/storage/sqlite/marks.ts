/** Table of marks: small durable facts of the daemon itself. */
import type { Connection } from './connection.ts'

const SET = `insert into marks (name, value) values (?, ?) on conflict (name) do update set value = excluded.value`
const GET = `select value from marks where name = ?`

export function setMark(connection: Connection, name: string, value: string): void {
  connection.run(SET, name, value)
}

export function getMark(connection: Connection, name: string): string | undefined {
  return connection.get<{ value: string }>(GET, name)?.value
}
