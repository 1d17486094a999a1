/** Finds the locks that share a resource with a set: by where things lie, so that ten thousand files against as many cost one look each. */
import type { Blocker } from '../../model/lock.ts'
import { baseBelow, basesAbove, overlap, type Resource } from '../../model/resource.ts'
import type { Connection } from './connection.ts'
import { lockBySeq } from './locks.ts'

interface Row extends Resource {
  readonly base: string
  readonly lockSeq: number
}

const COLUMNS = `r.space, r.kind, r.path, r.base, r.lock_seq as lockSeq`
const AT = `
  select ${COLUMNS} from json_each(@bases) as probe
  cross join lock_resources r on r.space = @space and r.base = probe.value`
// The last character there is sorts after whatever goes on from the base.
const BELOW = `
  select ${COLUMNS} from json_each(@bases) as probe
  cross join lock_resources r on r.space = @space and r.base >= probe.value and r.base < probe.value || char(1114111)`

export function locksOnAny(connection: Connection, resources: readonly Resource[]): Blocker[] {
  const bySpace = new Map<string, Resource[]>()
  for (const resource of resources) {
    const known = bySpace.get(resource.space)
    if (known) known.push(resource)
    else bySpace.set(resource.space, [resource])
  }
  const found = new Map<number, Resource>()
  for (const [space, wanted] of bySpace) matchIn(connection, space, wanted, found)
  return [...found].sort(([one], [other]) => one - other).map(([seq, on]) => ({ lock: lockBySeq(connection, seq), on }))
}

/** Adds each lock with the first of the wanted resources that it is on. */
function matchIn(
  connection: Connection,
  space: string,
  wanted: readonly Resource[],
  found: Map<number, Resource>,
): void {
  const bases = new Set(wanted.flatMap(basesAbove))
  const above = byBase(connection.all<Row>(AT, { space, bases: JSON.stringify([...bases]) }))
  const folders = outermost(wanted.map(baseBelow).filter(base => base !== undefined))
  const below = connection.all<Row>(BELOW, { space, bases: JSON.stringify(folders) })
  below.sort((one, other) => (one.base < other.base ? -1 : 1))
  for (const resource of wanted) {
    if (above.size > 0) for (const base of basesAbove(resource)) take(resource, above.get(base) ?? [])
    const folder = baseBelow(resource)
    if (below.length > 0 && folder !== undefined) take(resource, startingWith(below, folder))
  }

  function take(resource: Resource, rows: readonly Row[]): void {
    for (const row of rows) if (!found.has(row.lockSeq) && overlap(resource, row)) found.set(row.lockSeq, resource)
  }
}

function byBase(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const map = new Map<string, Row[]>()
  for (const row of rows) {
    const known = map.get(row.base)
    if (known) known.push(row)
    else map.set(row.base, [row])
  }
  return map
}

/** Folders that lie in none of the others: no row is read twice. */
function outermost(bases: readonly string[]): readonly string[] {
  const kept: string[] = []
  for (const base of [...new Set(bases)].sort())
    if (kept.length === 0 || !base.startsWith(kept.at(-1)!)) kept.push(base)
  return kept
}

function startingWith(rows: readonly Row[], base: string): readonly Row[] {
  let low = 0
  for (let high = rows.length; low < high; ) {
    const middle = (low + high) >> 1
    if (rows[middle]!.base < base) low = middle + 1
    else high = middle
  }
  let end = low
  while (end < rows.length && rows[end]!.base.startsWith(base)) end++
  return rows.slice(low, end)
}
