/** Lists of work units by filter. Each way in is an index that gives them in order, so that a page costs what it shows. */
import { UNIT_TYPES } from '../../model/unit.ts'
import type { UnitFilter } from '../store.ts'
import type { Connection } from './connection.ts'
import { SELECT_UNITS, selectUnits } from './units.ts'

type Values = Record<string, string | number>
type Unit = ReturnType<typeof selectUnits>[number]

// Every address of an agency lies between "Name/" and "Name0", the character after the slash. The words of the partial indexes
// stand here as they stand there, or SQLite would not use them.
const ABOUT = [
  `u.agent <> 'system' and u.agent = @about`,
  `u.subject = @about`,
  `u.metadata ->> 'to' is not null and u.metadata ->> 'to' = @about`,
]
// The voice of most units has no index: looking from one end finds it at once.
const ABOUT_SYSTEM = [`u.agent = @about`]
const OF_AGENCY = [
  `u.context = @agency`,
  `u.agent <> 'system' and u.agent >= @agency || '/' and u.agent < @agency || '0' and u.context <> @agency`,
]
const RARE_TYPE = `u.type not in ('message', 'delivery') and u.type = @type`
const RARE = UNIT_TYPES.filter(type => type !== 'message' && type !== 'delivery').map(
  type => `u.type not in ('message', 'delivery') and u.type = '${type}'`,
)
const TEXT = `(u.payload like @text escape '\\' or u.subject like @text escape '\\' or u.agent like @text escape '\\'
  or u.metadata like @text escape '\\' or (u.type = 'message' and exists (
    select 1 from messages t where t.seq = u.seq and t.body like @text escape '\\')))`
// A cross join is walked in the order that it is written in: what was said is little, the log is much.
// Deliveries that were purged are gone from their table, but their first units stand right behind their message's.
const MOST_RECIPIENTS = 200
const OF_TASK = `u.seq in (
  with said (seq, id) as (
    select seq, id from units where metadata ->> 'label' is not null and metadata ->> 'label' = @label and type = 'message'
    union
    select m.seq, m.id from said, messages r, messages m
    where r.seq = said.seq and (
      m.thread = coalesce(r.thread, r.id)
      or (m.short = substr(coalesce(r.thread, r.id), -8) and m.id = coalesce(r.thread, r.id)))
  )
  select seq from units where subject = @task
  union select seq from units where metadata ->> 'label' is not null and metadata ->> 'label' = @label and type <> 'task'
  union select seq from said
  union select d.seq from said
    cross join units first on first.seq between said.seq + 1 and said.seq + ${MOST_RECIPIENTS} and first.type = 'delivery'
      and first.metadata ->> 'message' = said.id
    cross join units d on d.subject = first.subject
  union select d.seq from said cross join deliveries way on way.message_seq = said.seq
    cross join units d on d.subject = way.id
)`

export function listUnits(
  connection: Connection,
  filter: UnitFilter,
  limit: number,
  which: 'oldest' | 'newest',
): Unit[] {
  const { values, all, ways } = conditionsOf(filter)
  const order = which === 'newest' ? 'desc' : 'asc'
  const where = (way: string | undefined) => [...(way === undefined ? [] : [way]), ...all].join(' and ') || 'true'
  const page = (way: string | undefined) =>
    `select * from (select u.seq from units u where ${where(way)} order by u.seq ${order} limit @limit)`
  const found =
    ways.length < 2
      ? `${SELECT_UNITS} where ${where(ways[0])} order by u.seq ${order} limit @limit`
      : `${SELECT_UNITS} where u.seq in (${ways.map(page).join(' union ')}) order by u.seq ${order} limit @limit`
  const units = selectUnits(connection, found, { ...values, limit })
  return which === 'newest' ? units.reverse() : units
}

/** `all` hold together; of `ways` any one is enough, and each is walked by an index of its own. */
function conditionsOf(filter: UnitFilter): { values: Values; all: string[]; ways: readonly string[] } {
  const { after, upTo, subject, context, about, agency, type, sinceMs, untilMs, text, task, withoutMessages } = filter
  const values: Values = {}
  const all: string[] = []
  const need = (condition: string, added: Values) => {
    all.push(condition)
    Object.assign(values, added)
  }
  if (after !== undefined) need('u.seq > @after', { after })
  if (upTo !== undefined) need('u.seq <= @upTo', { upTo })
  if (subject !== undefined) need('u.subject = @subject', { subject })
  // By the order of the whole log where that is as good: a context may be most of it.
  if (context !== undefined) need(subject === undefined ? 'u.context = @context' : '+u.context = @context', { context })
  if (type !== undefined) need(type === 'message' || type === 'delivery' ? '+u.type = @type' : RARE_TYPE, { type })
  if (sinceMs !== undefined) need('+u.at >= @sinceMs', { sinceMs })
  if (untilMs !== undefined) need('+u.at < @untilMs', { untilMs })
  if (text !== undefined) need(TEXT, { text: `%${text.replace(/[\\%_]/g, '\\$&')}%` })
  if (task !== undefined) need(OF_TASK, { task: task.id ?? '', label: task.label ?? '' })
  const own = waysOf(about, agency)
  if (withoutMessages && own.length > 0) need(`u.type not in ('message', 'delivery')`, {})
  if (about !== undefined) values['about'] = about
  if (agency !== undefined) values['agency'] = agency
  return { values, all, ways: withoutMessages && own.length === 0 ? RARE : own }
}

function waysOf(about: string | undefined, agency: string | undefined): readonly string[] {
  const first = about === undefined ? [] : about === 'system' ? ABOUT_SYSTEM : ABOUT
  const second = agency === undefined ? [] : OF_AGENCY
  if (first.length === 0) return second
  if (second.length === 0) return first
  return first.map(way => `${way} and (${second.map(other => `(${other})`).join(' or ')})`)
}

const SPAN_OF_TIME = `select min(seq) as first, max(seq) as last from units where at >= @sinceMs and at < @untilMs`
const SPAN = `select (select min(seq) from units) as first, (select max(seq) from units) as last`

export function unitSpan(
  connection: Connection,
  { sinceMs, untilMs }: { sinceMs?: number; untilMs?: number },
): { first: number; last: number } | undefined {
  const isWhole = sinceMs === undefined && untilMs === undefined
  const time = { sinceMs: sinceMs ?? 0, untilMs: untilMs ?? Number.MAX_SAFE_INTEGER }
  const row = connection.get<{ first: number | null; last: number | null }>(
    isWhole ? SPAN : SPAN_OF_TIME,
    ...(isWhole ? [] : [time]),
  )!
  return row.first === null || row.last === null ? undefined : { first: row.first, last: row.last }
}
