/** The numbered steps by which a store of any age becomes the store of today. */
import { AgencyError } from '../../kernel/errors.ts'
import type { Connection } from './connection.ts'
import { sql as bus } from './steps/1-bus.ts'
import { sql as handOvers } from './steps/2-hand-overs.ts'
import { sql as locks } from './steps/3-locks.ts'
import { sql as tasks } from './steps/4-tasks.ts'
import { sql as log } from './steps/5-log.ts'
import { sql as sandboxes } from './steps/6-sandboxes.ts'
import { sql as submissions } from './steps/7-submissions.ts'
import { sql as records } from './steps/8-records.ts'

interface Migration {
  readonly id: number
  /** True when a program that does not know this step must not work with the store. */
  readonly isBreaking: boolean
  readonly sql: string
}

/** Steps that were released are never edited: a change is a new step. */
const MIGRATIONS: readonly Migration[] = [
  { id: 1, isBreaking: true, sql: bus },
  { id: 2, isBreaking: false, sql: handOvers },
  { id: 3, isBreaking: false, sql: locks },
  { id: 4, isBreaking: false, sql: tasks },
  { id: 5, isBreaking: false, sql: log },
  { id: 6, isBreaking: false, sql: sandboxes },
  { id: 7, isBreaking: false, sql: submissions },
  { id: 8, isBreaking: false, sql: records },
]

/** Marks the file as a store of Agency ("AGCY"), for \`file\` and for the check at opening. */
export const APPLICATION_ID = 0x41474359

const CREATE_TABLE = `
  create table if not exists migrations (
    id integer primary key,
    is_breaking integer not null,
    applied_at integer not null
  ) strict`

const APPLIED = `select id, is_breaking as isBreaking from migrations order by id`
const INSERT = `insert into migrations (id, is_breaking, applied_at) values (?, ?, ?)`

/** AgencyError('NEWER_STORE') when the store was written by a version with steps that this one does not know and must. */
export function assertKnown(connection: Connection, file: string): void {
  const known = new Set(MIGRATIONS.map(({ id }) => id))
  const applied = connection.all<{ id: number; isBreaking: number }>(APPLIED)
  const unknown = applied.find(({ id, isBreaking }) => isBreaking && !known.has(id))
  if (unknown)
    throw new AgencyError('NEWER_STORE', `the store ${file} was written by a newer version (step ${unknown.id})`, {
      hint: 'use that version again: npm install -g tmux-agency@latest',
    })
}

export function migrate(connection: Connection, file: string, now = Date.now()): void {
  connection.change(() => {
    connection.execute(CREATE_TABLE)
    assertKnown(connection, file)
    const applied = new Set(connection.all<{ id: number }>(APPLIED).map(({ id }) => id))
    for (const { id, isBreaking, sql } of MIGRATIONS) {
      if (applied.has(id)) continue
      // The row first: whoever else tries the same step meets it before it has changed anything.
      connection.run(INSERT, id, isBreaking ? 1 : 0, now)
      connection.execute(sql)
    }
    connection.execute(`pragma application_id = ${APPLICATION_ID}`)
  })
}
