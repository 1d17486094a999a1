/** Table of sandboxes: one record each. Its rules stand in its own indexes. */
import { AgencyError } from '../../kernel/errors.ts'
import { isId, isShortId } from '../../kernel/ids.ts'
import type { Sandbox, SandboxState } from '../../model/sandbox.ts'
import type { Connection } from './connection.ts'

interface Row {
  readonly record: string
}

const INSERT = `insert into sandboxes (id, record) values (?, ?) on conflict (slug) where state <> 'destroyed' do nothing`
const UPDATE = `update sandboxes set record = ? where id = ? and state = ?`
const SELECT = `select record from sandboxes`
const LIST = `${SELECT} where state <> 'destroyed' or ? order by id desc limit ?`
const BY_ID = `${SELECT} where id = ?`
const BY_SHORT = `${SELECT} where short = ?`
const BY_SLUG = `${SELECT} where state <> 'destroyed' and slug = ?`
const BY_COMMIT = `${SELECT} where state <> 'destroyed' and substr(record ->> 'commit', 1, length(@begin)) = @begin`

/** False when an open one has its slug. */
export function insertSandbox(connection: Connection, sandbox: Sandbox): boolean {
  return connection.run(INSERT, sandbox.id, JSON.stringify(sandbox)) === 1
}

/** False when it is in another state by now. */
export function updateSandbox(connection: Connection, sandbox: Sandbox, from: SandboxState): boolean {
  return connection.run(UPDATE, JSON.stringify(sandbox), sandbox.id, from) === 1
}

export function listSandboxes(
  connection: Connection,
  { includeDestroyed, limit }: { includeDestroyed: boolean; limit: number },
): Sandbox[] {
  return connection.all<Row>(LIST, includeDestroyed ? 1 : 0, limit).map(toSandbox)
}

export function findSandbox(connection: Connection, named: string): Sandbox | undefined {
  const wanted = named.toLowerCase()
  if (isId(wanted)) return only(connection.all<Row>(BY_ID, wanted), named)
  const bySlug = only(connection.all<Row>(BY_SLUG, wanted), named)
  if (bySlug) return bySlug
  if (isShortId(wanted)) {
    const byShort = only(connection.all<Row>(BY_SHORT, wanted), named)
    if (byShort) return byShort
  }
  if (!/^[0-9a-f]{7,40}$/.test(wanted)) return undefined
  return only(connection.all<Row>(BY_COMMIT, { begin: wanted }), named)
}

function only(rows: readonly Row[], named: string): Sandbox | undefined {
  if (rows.length > 1)
    throw new AgencyError('CONFLICT', `${named} fits ${rows.length} sandboxes`, { hint: 'agency sandbox list' })
  return rows[0] && toSandbox(rows[0])
}

function toSandbox({ record }: Row): Sandbox {
  return JSON.parse(record) as Sandbox
}
