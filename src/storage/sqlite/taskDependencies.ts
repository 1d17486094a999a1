/** Table of what tasks depend on: edges, the way round that they must not make, and whether they let a task go. */
import { AgencyError } from '../../kernel/errors.ts'
import type { DependencyKind, TaskState } from '../../model/task.ts'
import type { Connection } from './connection.ts'
import { taskBySeq } from './tasks.ts'

const INSERT = `insert into task_dependencies (task_seq, on_seq, kind) values (?, ?, ?)
  on conflict do update set kind = excluded.kind`
const OF_TASK = `select d.kind as "on", t.state, t.label, t.seq
  from task_dependencies d join tasks t on t.seq = d.on_seq where d.task_seq = ? order by d.on_seq`
const DEPENDENTS = `select task_seq as seq from task_dependencies where on_seq = ?`
// A task also waits for its parts: it does not count as done before them.
const ON = `select on_seq as seq from task_dependencies where task_seq = @task
  union select part.seq from tasks whole join tasks part on part.parent = whole.id where whole.seq = @task`
const WAITING_FOR = `select task_seq as seq from task_dependencies where on_seq = @task
  union select whole.seq from tasks part
    join tasks whole on whole.short = substr(part.parent, -8) and whole.id = part.parent where part.seq = @task`

export interface DependencyState {
  readonly on: DependencyKind
  readonly state: TaskState
  readonly label: string
  readonly seq: number
}

/** AgencyError('CONFLICT') when the edge would close a way round. */
export function addDependency(connection: Connection, task: number, on: number, kind: DependencyKind): void {
  refuseRound(connection, task, on, 'leave one of them out of --after')
  connection.run(INSERT, task, on, kind)
}

/** AgencyError('CONFLICT') when a whole could not end before this part of it, nor this part begin before the whole ends. */
export function checkPart(connection: Connection, whole: number, part: number): void {
  refuseRound(connection, whole, part, 'a task cannot be a part of itself or of its own parts: see --parent')
}

function refuseRound(connection: Connection, task: number, on: number, hint: string): void {
  if (!isBehind(connection, task, on)) return
  const way = wayBack(connection, on, task)
  if (way)
    throw new AgencyError('CONFLICT', `these tasks would wait for each other: ${name(connection, [task, ...way])}`, {
      hint,
    })
}

/** Whether a way leads from one to the other; looked for from both ends, so that it costs no more than the shorter look. */
function isBehind(connection: Connection, to: number, from: number): boolean {
  if (from === to) return true
  const looks = [
    { statement: ON, goal: to, seen: new Set([from]), open: [from] },
    { statement: WAITING_FOR, goal: from, seen: new Set([to]), open: [to] },
  ]
  for (;;)
    for (const { statement, goal, seen, open } of looks) {
      const next = open.pop()
      if (next === undefined) return false
      for (const { seq } of connection.all<{ seq: number }>(statement, { task: next })) {
        if (seq === goal) return true
        if (!seen.has(seq)) open.push(seq)
        seen.add(seq)
      }
    }
}

/** The tasks on a way of dependencies from one to another, both included. */
function wayBack(connection: Connection, from: number, to: number): number[] | undefined {
  const cameFrom = new Map<number, number | undefined>([[from, undefined]])
  const open = [from]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === to) return trail(cameFrom, to)
    for (const { seq } of connection.all<{ seq: number }>(ON, { task: next }))
      if (!cameFrom.has(seq)) {
        cameFrom.set(seq, next)
        open.push(seq)
      }
  }
  return undefined
}

function trail(cameFrom: ReadonlyMap<number, number | undefined>, end: number): number[] {
  const way: number[] = []
  for (let at: number | undefined = end; at !== undefined; at = cameFrom.get(at)) way.unshift(at)
  return way
}

function name(connection: Connection, seqs: readonly number[]): string {
  return seqs.map(seq => taskBySeq(connection, seq)?.label ?? `#${seq}`).join(' → ')
}

export function dependenciesOf(connection: Connection, task: number): DependencyState[] {
  return connection.all<DependencyState>(OF_TASK, task)
}

export function dependentsOf(connection: Connection, task: number): number[] {
  return connection.all<{ seq: number }>(DEPENDENTS, task).map(({ seq }) => seq)
}
