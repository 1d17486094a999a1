/** Table of tasks: one record each, with the columns by which they are found. */
import { AgencyError } from '../../kernel/errors.ts'
import { type Id, isId, isShortId } from '../../kernel/ids.ts'
import { oneLine } from '../../model/sanitize.ts'
import { isEnded, queueOf, type Task, taskDueAt } from '../../model/task.ts'
import type { TaskFilter, TrackRecord } from '../taskStore.ts'
import type { Connection } from './connection.ts'
import { getMark, setMark } from './marks.ts'

interface Row {
  readonly seq: number
  readonly record: string
}

const INSERT = `insert into tasks (seq, record, queue, needs, rank, due_at) values (?, ?, ?, ?, ?, ?)`
const UPDATE = `update tasks set record = ?, queue = ?, needs = ?, rank = ?, due_at = ? where seq = ?`
const SELECT = `select seq, record from tasks`
const BY_ID = `${SELECT} where short = ? and id = ?`
const BY_SHORT = `${SELECT} where short = ?`
const BY_LABEL = `${SELECT} where label = ? order by seq desc`
const BY_SEQ = `${SELECT} where seq = ?`
const DUE = `${SELECT} where due_at <= ? order by due_at limit ?`
const NEXT_DUE = `select min(due_at) as due from tasks where due_at is not null`
const LABELS = `select label from tasks where label glob 'TASK-[0-9]*'`
/** The highest number of a label: looked for among all tasks once, and kept from then on. */
const LAST_LABEL = 'last task label'

export function insertTask(connection: Connection, task: Task): void {
  const number = numberOf(task.label)
  if (number > lastNumber(connection)) setMark(connection, LAST_LABEL, String(number))
  connection.run(INSERT, task.seq, ...columns(task))
}

export function updateTask(connection: Connection, task: Task): void {
  connection.run(UPDATE, ...columns(task), task.seq)
}

function columns(task: Task): (string | number | null)[] {
  const needs = task.assignee === undefined ? task.needs.join(',') : ''
  return [JSON.stringify(task), queueOf(task), needs, task.rank, taskDueAt(task) ?? null]
}

function toTask({ seq, record }: Row): Task {
  return { ...(JSON.parse(record) as Task), seq }
}

export function taskById(connection: Connection, id: Id): Task | undefined {
  const row = connection.get<Row>(BY_ID, id.slice(-8), id)
  return row && toTask(row)
}

export function taskBySeq(connection: Connection, seq: number): Task | undefined {
  const row = connection.get<Row>(BY_SEQ, seq)
  return row && toTask(row)
}

/** Several tasks may bear one label, in several agencies; one that is still open is meant before those that have ended. */
export function findTask(connection: Connection, idOrLabel: string): Task | undefined {
  const wanted = idOrLabel.toLowerCase()
  if (isId(wanted)) return taskById(connection, wanted)
  if (isShortId(wanted)) return onlyOne(connection.all<Row>(BY_SHORT, wanted).map(toTask), idOrLabel)
  const labelled = connection.all<Row>(BY_LABEL, idOrLabel).map(toTask)
  const open = labelled.filter(({ state }) => !isEnded(state))
  return onlyOne(open.length > 0 ? open : labelled, idOrLabel)
}

function onlyOne(found: readonly Task[], given: string): Task | undefined {
  if (found.length > 1)
    throw new AgencyError('CONFLICT', `${given} fits ${found.length} tasks`, {
      hint: `give the id: ${found
        .slice(0, 5)
        .map(
          ({ id, assignee, agency, title }) =>
            `${id.slice(-8)} (${assignee ?? agency ?? 'nobody yet'}: ${oneLine(title, 40)})`,
        )
        .join(' or ')}`,
    })
  return found[0]
}

export function dueTasks(connection: Connection, now: number, limit: number): Task[] {
  return connection.all<Row>(DUE, now, limit).map(toTask)
}

export function nextTaskDue(connection: Connection): number | undefined {
  return connection.get<{ due: number | null }>(NEXT_DUE)!.due ?? undefined
}

/** TASK-001 and so on; a number that a person has used is not used again. */
export function nextLabel(connection: Connection): string {
  return `TASK-${String(lastNumber(connection) + 1).padStart(3, '0')}`
}

function lastNumber(connection: Connection): number {
  const kept = getMark(connection, LAST_LABEL)
  if (kept !== undefined) return Number(kept)
  const numbers = connection.all<{ label: string }>(LABELS).map(({ label }) => numberOf(label))
  const last = numbers.reduce((most, number) => Math.max(most, number), 0)
  // Kept also where no label has a number: else each task that is added would look through all of them.
  setMark(connection, LAST_LABEL, String(last))
  return last
}

/** 0 for a label that is no number, or one with which counting would come to its end. */
function numberOf(label: string): number {
  const number = Number(/^TASK-(\d{1,15})$/.exec(label)?.[1] ?? 0)
  return number < 1e14 ? number : 0
}

export function listTasks(connection: Connection, filter: TaskFilter, limit: number): Task[] {
  const { agency, agent, states, parent, label, isPart } = filter
  const isOpen = filter.isOpen || states?.every(state => !isEnded(state))
  const where: string[] = []
  const values: (string | number)[] = []
  const add = (condition: string, ...given: (string | number)[]) => {
    where.push(condition)
    values.push(...given)
  }
  if (isPart) add('parent is not null')
  // Said also where it goes without saying: in these words it is found among the open ones alone, however long the history.
  if (isOpen) add(OPEN)
  if (agency !== undefined) add('agency = ?', agency)
  if (agent !== undefined && isOpen) add('(assignee = ? or claimant = ?)', agent, agent)
  if (parent !== undefined) add('parent = ?', parent)
  if (label !== undefined) add('label = ?', label)
  if (states !== undefined) add(`state in (${states.map(() => '?').join(', ')})`, ...states)
  const newest = `order by seq desc limit ?`
  const condition = where.length > 0 ? ` where ${where.join(' and ')}` : ''
  const rows =
    agent === undefined || isOpen
      ? connection.all<Row>(`${SELECT}${condition} ${newest}`, ...values, limit)
      : connection.all<Row>(
          `${SELECT} where seq in (${OF_AGENT.map(is => newestOf([is, ...where])).join(' union ')}) ${newest}`,
          ...OF_AGENT.flatMap(is => [...[...is.matchAll(/\?/g)].map(() => agent), ...values, limit]),
          limit,
        )
  return rows.map(toTask).reverse()
}

const ENDS = `('succeeded', 'failed', 'dead', 'cancelled')`
const OPEN = `state not in ${ENDS}`
/** Each by an index of its own: the open ones are few, and of those that have ended each index knows one kind. */
const OF_AGENT = [
  `tasks indexed by tasks_open where ${OPEN} and (assignee = ? or claimant = ?)`,
  `tasks indexed by tasks_assignee where state in ${ENDS} and assignee = ?`,
  `tasks indexed by tasks_claimant where state in ${ENDS} and claimant = ?`,
] as const

function newestOf(conditions: readonly string[]): string {
  return `select seq from (select seq from ${conditions.join(' and ')} order by seq desc limit ?)`
}

const ENDED = `
  select claimant as agent, sum(state = 'succeeded') as succeeded, sum(state <> 'succeeded') as failed,
    sum(state = 'succeeded' and record ->> 'attempts' = 0 and record ->> 'iteration' = 1) as firstPass
  from tasks indexed by tasks_ended
  where state in ('succeeded', 'failed', 'dead') and claimant is not null and record ->> 'since' >= @since
  group by claimant`
// What was approved and did not pass on the merged tree was not good at the first try, as the measures have it.
const RED_AFTERWARD = `
  select t.claimant as agent, count(distinct t.seq) as red
  from units r indexed by units_red
    join submissions s on s.short = substr(r.subject, -8) and s.id = r.subject
    join tasks t on t.short = substr(s.task, -8) and t.id = s.task
  where r.type = 'decision' and r.metadata ->> 'isRed' and t.state = 'succeeded' and t.record ->> 'since' >= @since
    and t.record ->> 'attempts' = 0 and t.record ->> 'iteration' = 1
  group by t.claimant`
const HELD = `select claimant as agent, count(*) as count from tasks indexed by tasks_open
  where state in ('claimed', 'running', 'awaiting-input', 'verifying') and claimant is not null and ${OPEN} group by claimant`
const WAITING = `select assignee as agent, count(*) as count from tasks indexed by tasks_open
  where state in ('blocked', 'ready') and assignee is not null and ${OPEN} group by assignee`

export function trackRecords(connection: Connection, since: number): TrackRecord[] {
  const counts = (sql: string) =>
    new Map(connection.all<{ agent: string; count: number }>(sql).map(({ agent, count }) => [agent, count]))
  const [held, waiting] = [counts(HELD), counts(WAITING)]
  const ended = new Map(connection.all<Ended>(ENDED, { since }).map(record => [record.agent, record]))
  const red = new Map(
    connection.all<{ agent: string; red: number }>(RED_AFTERWARD, { since }).map(({ agent, red }) => [agent, red]),
  )
  return [...new Set([...ended.keys(), ...held.keys(), ...waiting.keys()])].map(agent => {
    const { succeeded = 0, failed = 0, firstPass = 0 } = ended.get(agent) ?? {}
    return {
      ...{ agent, succeeded, failed, firstPass: firstPass - (red.get(agent) ?? 0) },
      ...{ open: held.get(agent) ?? 0, waiting: waiting.get(agent) ?? 0 },
    }
  })
}

type Ended = Omit<TrackRecord, 'open' | 'waiting'>
