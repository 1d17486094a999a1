/** Table of work units: append-only, with one order over the workspace and a gapless one in each context. */
import { AgencyError } from '../../kernel/errors.ts'
import type { Id } from '../../kernel/ids.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { Relation, Unit, UnitDraft, UnitType } from '../../model/unit.ts'
import type { Connection } from './connection.ts'

// The last unit of the context has the highest context_seq, since units are only ever appended.
const INSERT = `
  insert into units (id, context, context_seq, agent, type, at, subject, metadata, relations, payload)
  values (
    ?, ?, 1 + coalesce((select context_seq from units where context = ? order by seq desc limit 1), 0),
    ?, ?, ?, ?, ?, ?, ?
  )
  returning seq, context_seq as contextSeq`

/** AgencyError('CONFLICT') when the id is taken. */
export function appendUnit(connection: Connection, draft: UnitDraft): Unit {
  const row = insert(connection, draft, draft.payload)
  return { ...draft, ...row }
}

/** A message's words stay in its own table, so its unit is stored without them. */
export function appendMessageUnit(connection: Connection, draft: UnitDraft): number {
  return insert(connection, draft, undefined).seq
}

function insert(connection: Connection, draft: UnitDraft, payload: string | undefined) {
  try {
    const { id, context, agent, type, at, subject } = draft
    const texts = [JSON.stringify(draft.metadata), JSON.stringify(draft.relations), payload]
    return connection.get<{ seq: number; contextSeq: number }>(
      INSERT,
      ...[id, context, context, agent, type, at, subject, ...texts],
    )!
  } catch (error) {
    if ((error as { code?: string }).code !== 'SQLITE_CONSTRAINT_UNIQUE') throw error
    throw new AgencyError('CONFLICT', `the work unit ${draft.id} exists already`, { cause: error })
  }
}

interface UnitRow {
  readonly seq: number
  readonly id: Id
  readonly context: string
  readonly contextSeq: number
  readonly agent: string
  readonly type: UnitType
  readonly at: number
  readonly subject: string
  readonly metadata: string
  readonly relations: string
  readonly payload: string | null
}

export const SELECT_UNITS = `
  select u.seq, u.id, u.context, u.context_seq as contextSeq, u.agent, u.type, u.at, u.subject, u.metadata, u.relations,
    coalesce(u.payload, m.body) as payload
  from units u left join messages m on m.seq = u.seq`

/** Runs a list's own statement, which selects by SELECT_UNITS. */
export function selectUnits(connection: Connection, sql: string, values: Record<string, string | number>): Unit[] {
  return connection.all<UnitRow>(sql, values).map(toUnit)
}

function toUnit(row: UnitRow): Unit {
  return {
    ...row,
    metadata: JSON.parse(row.metadata) as JsonObject,
    relations: JSON.parse(row.relations) as Relation[],
    payload: row.payload ?? undefined,
  }
}
