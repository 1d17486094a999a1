/** Looks through the whole store for what must never be: broken pages, gaps, and rows that contradict the log. */
import type { Connection } from './connection.ts'

const MOST_SHOWN = 100

const GAPS = `
  select context, count(*) as units, min(context_seq) as first, max(context_seq) as last
  from units group by context having first <> 1 or last <> units`
const DISORDER = `
  select id, context from (
    select id, context, context_seq, lag(context_seq) over (partition by context order by seq) as before from units
  ) where context_seq <> coalesce(before, 0) + 1 limit ${MOST_SHOWN}`
const WITHOUT_DUE = `
  select id, state from deliveries
  where due_at is null and state not in ('acked', 'expired', 'dead', 'cancelled') and (state <> 'confirmed' or ack_wanted)
  limit ${MOST_SHOWN}`
const WITHOUT_UNIT = `
  select m.id from messages m left join units u on u.seq = m.seq and u.id = m.id and u.type = 'message'
  where u.seq is null limit ${MOST_SHOWN}`
// The last unit of a delivery tells its state: what is shown can be rebuilt from the log.
const CONTRADICTED = `
  select d.id, d.state, u.metadata ->> 'state' as recorded
  from deliveries d
  left join units u on u.seq = (select max(seq) from units where subject = d.id and type = 'delivery')
  where recorded is null or recorded <> d.state limit ${MOST_SHOWN}`

const LOCKS_CONTRADICTED = `
  select l.id, case when l.fence is null then 'waiting' else 'held' end as state, u.metadata ->> 'state' as recorded
  from locks l
  left join units u on u.seq = (select max(seq) from units where subject = l.id and type = 'lock')
  where recorded is null or recorded <> state limit ${MOST_SHOWN}`
const ON_NOTHING = `
  select id from locks where not exists (select 1 from lock_resources where lock_seq = locks.seq) limit ${MOST_SHOWN}`
const FENCES = `
  select id from locks where fence > (select fence from lock_counters) limit ${MOST_SHOWN}`
const CONTRADICTED_TASKS = `
  select t.id, t.state, u.metadata ->> 'state' as recorded
  from tasks t left join units u on u.seq = (select max(seq) from units where subject = t.id and type = 'task')
  where recorded is null or recorded <> t.state limit ${MOST_SHOWN}`

export function checkStore(connection: Connection): string[] {
  const pages = connection.all<{ integrity_check: string }>(`pragma integrity_check(${MOST_SHOWN})`)
  const references = connection.all<{ table: string; rowid: number; parent: string }>('pragma foreign_key_check')
  return [
    ...pages.map(row => row.integrity_check).filter(text => text !== 'ok'),
    ...references.map(row => `${row.table} row ${row.rowid} points to a missing row of ${row.parent}`),
    ...rows(
      GAPS,
      row => `context ${row['context']} has ${row['units']} units, numbered ${row['first']} to ${row['last']}`,
    ),
    ...rows(DISORDER, row => `unit ${row['id']} is out of order in context ${row['context']}`),
    ...rows(WITHOUT_DUE, row => `delivery ${row['id']} is ${row['state']} and has no due time`),
    ...rows(WITHOUT_UNIT, row => `message ${row['id']} has no work unit`),
    ...rows(
      CONTRADICTED,
      row => `delivery ${row['id']} is ${row['state']}, its last work unit says ${row['recorded']}`,
    ),
    ...rows(
      LOCKS_CONTRADICTED,
      row => `lock ${row['id']} is ${row['state']}, its last work unit says ${row['recorded']}`,
    ),
    ...rows(ON_NOTHING, row => `lock ${row['id']} is on nothing`),
    ...rows(FENCES, row => `lock ${row['id']} has a fencing number that was never given out`),
    ...rows(
      CONTRADICTED_TASKS,
      row => `task ${row['id']} is ${row['state']}, its last work unit says ${row['recorded']}`,
    ),
  ]

  function rows(sql: string, describe: (row: Record<string, string | number | null>) => string): string[] {
    return connection.all<Record<string, string | number | null>>(sql).map(describe)
  }
}
