/** Facts for the measures, each query over a stretch of the log: condensed here, so that no message or task is loaded for them. */
import type { DeliveryState } from '../../model/delivery.ts'
import type { DisturbanceFact, Facts, ResultFact, ReviewFact, TaskFact, TimeFact } from '../../model/measures.ts'
import type { TaskState } from '../../model/task.ts'
import type { Connection } from './connection.ts'

// The words of the partial index units_type, without which SQLite would not use it. Where an index is named, SQLite without
// statistics would read the log from there to its end; a plus takes a column's type from it, which the index has not.
const RARE_TYPE = `u.type not in ('message', 'delivery')`
const IN_STRETCH = `u.seq > @after and u.seq <= @upTo`

// The end that still holds: a task that was opened again has another state, or another time in it.
const ENDED = `
  select distinct t.seq, t.id, t.record, t.state, t.label, t.claimant, t.assignee, t.agency,
    t.record ->> 'since' as at, t.record ->> 'message' as message
  from units u join tasks t on t.short = substr(u.subject, -8) and t.id = u.subject
  where ${RARE_TYPE} and u.type = 'task' and ${IN_STRETCH} and t.state in ('succeeded', 'failed', 'dead')
    and u.metadata ->> 'state' = t.state and u.at = t.record ->> 'since'`
// Giving a task, and approving it, is what a person is there for; whatever else a person does to it is a hand in it.
const MOVED_BY_PERSON = `
  select 1 from units h where h.subject = e.id and h.type = 'task' and h.agent = 'human'
    and h.metadata ->> 'event' not in ('add', 'claim', 'assign', 'depend', 'approve', 'begin')`
const SAID_IN_THREAD = `
  select 1 from messages g join messages m on m.thread = coalesce(g.thread, g.id)
  where g.short = substr(e.message, -8) and g.id = e.message and m.seq > g.seq and m.at <= e.at and m.sender = 'human'`
const SAID_UNDER_LABEL = `
  select 1 from units n indexed by units_label cross join messages m on m.seq = n.seq
  where n.metadata ->> 'label' is not null and n.metadata ->> 'label' = +e.label and n.type = 'message' and n.seq > e.seq
    and n.at <= e.at and n.id <> e.message and m.sender = 'human' and m.to_address = e.claimant`
const ANSWERED_A_DIALOG = `
  select 1 from units d where d.subject = e.claimant and d.type = 'decision' and d.agent = 'human'
    and d.metadata ->> 'what' = 'answer' and d.seq > e.seq and d.at <= e.at`
const FOUND_BAD = `
  select 1 from units n indexed by units_label cross join messages m on m.seq = n.seq
  where n.metadata ->> 'label' is not null and n.metadata ->> 'label' = +e.label and n.type = 'message' and n.seq > e.seq
    and m.type = 'results' and m.payload ->> 'status' <> 'passed'
    and m.to_address >= e.agency || '/' and m.to_address < e.agency || '0'`
// Approved, and sent back by the checks of the merged tree: judged bad, whatever became of it later.
const RED_WHEN_MERGED = (submission: string) => `
  select 1 from units r where r.subject = ${submission} and r.type = 'decision' and r.metadata ->> 'isRed'`
const RED_FOR_ITS_TASK = `
  select 1 from submissions p where p.task = e.id and exists (${RED_WHEN_MERGED('p.id')})`
// From its claim to its submission, waiting for answers apart.
const WORKED = `
  select sum(next_at - at) from (
    select at, metadata ->> 'state' as state, lead(at) over (order by seq) as next_at
    from units where subject = e.id and type = 'task'
  ) where state in ('claimed', 'running')`
// Of every submission, those that were sent back as well.
const CHECKS = `
  select count(*) as runs, coalesce(sum(c.value ->> 'status' is null or c.value ->> 'status' <> 0), 0) as failed
  from units v join json_each(v.payload, '$.checks') c where v.subject = e.id and v.type = 'task' and v.payload is not null`
const OF_LAST_CHECKS = (what: string) => `select ${what} from json_each(e.record, '$.evidence.checks') c`
const TASKS = `
  with e as (${ENDED})
  select e.id, coalesce(e.claimant, e.assignee) as agent, e.agency, e.at, e.state as outcome,
    not (exists (${MOVED_BY_PERSON}) or exists (${SAID_IN_THREAD}) or exists (${SAID_UNDER_LABEL})
      or exists (${ANSWERED_A_DIALOG})) as isAutonomous,
    e.state <> 'dead' and e.record ->> 'completion' is not null as wasReviewed,
    e.state = 'succeeded' and e.record ->> 'attempts' = 0 and e.record ->> 'iteration' = 1
      and not exists (${FOUND_BAD}) and not exists (${RED_FOR_ITS_TASK}) as isFirstPass,
    coalesce((${WORKED}), 0) as workedMs,
    e.record ->> 'estimateMinutes' as estimateMinutes,
    coalesce((${OF_LAST_CHECKS(`sum(c.value ->> '$.tests.passed')`)}), e.record ->> '$.result.tests.passed') as testsPassed,
    coalesce((${OF_LAST_CHECKS(`sum(c.value ->> '$.tests.failed')`)}), e.record ->> '$.result.tests.failed') as testsFailed,
    (${OF_LAST_CHECKS(`avg(c.value ->> 'coverage')`)}) as coverage,
    (select runs from (${CHECKS})) as checkRuns, (select failed from (${CHECKS})) as checksFailed
  from e`

// Handed in again after it was found bad, it is the same work: of each branch that counts anew once it was merged.
const FOUND_BAD_BEFORE = `
  select 1 from submissions p where p.branch = s.branch and p.agency = s.agency and p.seq < s.seq
    and (p.state in ('returned', 'rejected', 'changes-requested') or exists (${RED_WHEN_MERGED('p.id')})) and p.seq > coalesce((
      select max(m.seq) from submissions m
      where m.branch = s.branch and m.agency = s.agency and m.seq < s.seq and m.state = 'merged'), 0)`
const REVIEWS = `
  select distinct s.id, s.author as agent, s.agency, s.record ->> 'since' as at,
    s.state in ('merged', 'approved') and not exists (${RED_WHEN_MERGED('s.id')}) as isGood
  from units u join submissions s on s.short = substr(u.subject, -8) and s.id = u.subject
  where ${RARE_TYPE} and u.type = 'decision' and ${IN_STRETCH} and u.metadata ->> 'what' = 'submission' and s.task is null
    and u.metadata ->> 'state' = s.state and u.at = s.record ->> 'since' and not exists (${FOUND_BAD_BEFORE})
    and (s.state in ('merged', 'returned', 'rejected', 'changes-requested') or s.state = 'approved' and s.branch is null
      or s.state in ('withdrawn', 'expired') and exists (${RED_WHEN_MERGED('s.id')}))`

// A delivery that was acked came into that state later than it was confirmed: its first unit that says so tells.
const CONFIRMED_AT = `case d.state when 'confirmed' then d.since else (
    select min(c.at) from units c where c.subject = d.id and c.metadata ->> 'state' in ('confirmed', 'acked')) end`
const GIVEN = `
  select m.seq, m.id, m.label, m.type, m.at, d.to_address as agent, ${CONFIRMED_AT} as confirmed_at
  from messages m join deliveries d on d.message_seq = m.seq
  where m.seq > @after and m.seq <= @upTo and m.type in ('TASK', 'handoff', 'QUESTION') and d.kind = 'direct'
    and d.state in ('confirmed', 'acked') and d.to_address like '%/%'`
const HANDOFFS = `
  select agent, at, max(0, confirmed_at - at) as ms from (${GIVEN}) where type <> 'QUESTION' and confirmed_at is not null`
const ANSWERED_AT = `
  select min(at) from (
    select r.at from messages r where r.reply_to = g.id and r.from_address = g.agent
    union all
    select n.at from units n indexed by units_label where n.metadata ->> 'label' is not null and n.metadata ->> 'label' = +g.label
      and n.type = 'message' and n.agent = g.agent and n.seq > g.seq)`
const RESPONSES = `
  select agent, at, max(0, answered_at - confirmed_at) as ms from (
    select g.agent, g.at, g.confirmed_at, (${ANSWERED_AT}) as answered_at
    from (${GIVEN}) g where type <> 'handoff' and confirmed_at is not null)
  where answered_at is not null`

// A report to an agency is about the one of its agents that had the task of that label.
const RESULTS = `
  select m.at, substr(m.to_address, 1, instr(m.to_address, '/') - 1) as agency,
    (select t.claimant from tasks t indexed by tasks_label where t.label = m.label and t.agency = substr(m.to_address, 1, instr(m.to_address, '/') - 1)
      order by t.seq desc limit 1) as agent,
    case json_type(m.payload, '$.bugs') when 'array' then json_array_length(m.payload, '$.bugs')
      when 'integer' then m.payload ->> 'bugs' else coalesce(m.payload ->> 'count', iif(m.payload ->> 'status' = 'passed', 0, null)) end as bugs,
    case when json_type(m.payload, '$.score') in ('integer', 'real') then m.payload ->> 'score' end as score
  from messages m where m.seq > @after and m.seq <= @upTo and m.type = 'results' and m.to_address like '%/%'`

const RESTARTS = `
  select 'restart' as kind, u.subject as agent, u.at from units u
  where ${RARE_TYPE} and u.type = 'agent-state' and ${IN_STRETCH} and u.metadata ->> 'state' = 'starting'
    and u.metadata ->> 'instance' > 1`
const INTERRUPTIONS = `
  select 'interruption' as kind, u.metadata ->> 'claimant' as agent, u.at from units u
  where ${RARE_TYPE} and u.type = 'task' and ${IN_STRETCH} and u.metadata ->> 'event' = 'interrupt'`

type Row = Record<string, string | number | null>

export function readFacts(connection: Connection, stretch: { after: number; upTo: number }): Facts {
  const rows = (sql: string) => connection.all<Row>(sql, stretch).map(withWhose)
  const flag = (row: Row, ...names: string[]) => ({
    ...row,
    ...Object.fromEntries(names.map(name => [name, row[name] === 1])),
  })
  return {
    tasks: rows(TASKS).map(row => flag(row, 'isAutonomous', 'wasReviewed', 'isFirstPass') as unknown as TaskFact),
    reviews: rows(REVIEWS).map(row => flag(row, 'isGood') as unknown as ReviewFact),
    times: [
      ...rows(HANDOFFS).map(row => ({ ...row, kind: 'handoff' }) as unknown as TimeFact),
      ...rows(RESPONSES).map(row => ({ ...row, kind: 'response' }) as unknown as TimeFact),
    ],
    results: rows(RESULTS) as unknown as ResultFact[],
    disturbances: [...rows(RESTARTS), ...rows(INTERRUPTIONS)] as unknown as DisturbanceFact[],
  }
}

function withWhose(row: Row): Row {
  const { agent, agency, ...rest } = row
  return { ...rest, ...(agent ? { agent } : {}), ...(agency ? { agency } : {}) }
}

const OPEN_DELIVERIES = `
  select state, count(*) as count from deliveries indexed by deliveries_due where due_at is not null group by state`
const FAILED_DELIVERIES = `
  select state, count(*) as count from deliveries indexed by deliveries_failed
  where state in ('dead', 'expired', 'cancelled') and replaced_by is null group by state`
const OPEN_TASKS = `
  select state, count(*) as count from tasks indexed by tasks_open
  where state not in ('succeeded', 'failed', 'dead', 'cancelled') group by state`

export function countDeliveries(connection: Connection): Map<DeliveryState, number> {
  const rows = [OPEN_DELIVERIES, FAILED_DELIVERIES].flatMap(sql =>
    connection.all<{ state: DeliveryState; count: number }>(sql),
  )
  return new Map(rows.map(({ state, count }) => [state, count]))
}

export function countOpenTasks(connection: Connection): Map<TaskState, number> {
  const rows = connection.all<{ state: TaskState; count: number }>(OPEN_TASKS)
  return new Map(rows.map(({ state, count }) => [state, count]))
}
