/** Claims: the next task for a claimant, found without looking at those that wait behind it. */
import type { Task } from '../../model/task.ts'
import type { Claim } from '../taskStore.ts'
import type { Connection } from './connection.ts'
import { taskBySeq } from './tasks.ts'

// A loose scan: one step of the index for each different set of needs, however many tasks wait in it.
const NEEDS = `
  with recursive found(needs) as (
    select min(needs) from tasks indexed by tasks_ready where state = 'ready' and queue = @queue
    union all
    select (select min(needs) from tasks indexed by tasks_ready
      where state = 'ready' and queue = @queue and needs > found.needs)
    from found where found.needs is not null
  )
  select needs from found where needs is not null`
const FIRST = `select seq, rank from tasks indexed by tasks_ready
  where state = 'ready' and queue = ? and needs = ? order by rank, seq limit 1`
const QUEUES = `
  with recursive found(queue) as (
    select min(queue) from tasks indexed by tasks_ready where state = 'ready'
    union all
    select (select min(queue) from tasks indexed by tasks_ready where state = 'ready' and queue > found.queue)
    from found where found.queue is not null
  )
  select queue from found where queue is not null`

/** 0.1 ms with ten tasks waiting or with a hundred thousand. */
export function nextClaimable(connection: Connection, { queues, capabilities }: Claim): Task | undefined {
  const has = new Set(capabilities)
  const firsts = queues.flatMap(queue =>
    connection
      .all<{ needs: string }>(NEEDS, { queue })
      .filter(({ needs }) => needs === '' || needs.split(',').every(need => has.has(need)))
      .map(({ needs }) => connection.get<{ seq: number; rank: number }>(FIRST, queue, needs)!),
  )
  const [first] = firsts.sort((a, b) => a.rank - b.rank || a.seq - b.seq)
  return first && taskBySeq(connection, first.seq)
}

export function readyQueues(connection: Connection): string[] {
  return connection.all<{ queue: string }>(QUEUES).map(({ queue }) => queue)
}
