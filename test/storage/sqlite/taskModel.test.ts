import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Id, newId } from '../../../src/kernel/ids.ts'
import {
  advanceTask,
  isEnded,
  isHeld,
  judgeDependencies,
  TASK_EVENTS,
  type Task,
  type TaskEvent,
  taskDueAt,
} from '../../../src/model/task.ts'
import { SqliteEngine } from '../../../src/storage/sqlite/engine.ts'
import { newTask } from '../tasks.suite.ts'
import { plansOf } from './plans.ts'
import { temporaryFolder } from './setup.ts'

const NOW = 1_800_000_000_000

type Step =
  | {
      readonly do: 'add'
      readonly after: readonly number[]
      readonly on: 'success' | 'done' | 'any'
      readonly priority: number
    }
  | { readonly do: 'move'; readonly which: number; readonly event: TaskEvent; readonly isLate: boolean }
  | { readonly do: 'claim' }
  | { readonly do: 'depend'; readonly which: number; readonly on: number }
  | { readonly do: 'wait'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      after: fc.array(fc.nat(8), { maxLength: 3 }),
      on: fc.constantFrom('success', 'done', 'any'),
      priority: fc.nat(3),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      which: fc.nat(8),
      event: fc.constantFrom(...TASK_EVENTS.filter(event => event !== 'unblock' && event !== 'block')),
      isLate: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('claim' as const) }) },
  fc.record({ do: fc.constant('depend' as const), which: fc.nat(8), on: fc.nat(8) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 700_000) }),
)

/** The store, looked at after every step. */
class Lives {
  readonly #ids: Id[] = []
  #now = NOW

  constructor(private readonly engine: SqliteEngine) {}

  take(step: Step): void {
    this.#now++
    const before = this.all()
    if (step.do === 'add') this.#add(step)
    else if (step.do === 'move') this.#move(step, before)
    else if (step.do === 'claim') this.#claim(before)
    else if (step.do === 'depend') this.#depend(step, before)
    else {
      this.#now += step.ms
      for (const { id } of this.engine.store.dueTasks(this.#now, 99))
        this.engine.store.changeTasks([{ wake: id, at: this.#now }])
    }
    this.#check(before)
  }

  #add({ after, on, priority }: Step & { do: 'add' }): void {
    const dependsOn = [...new Set(after)].flatMap(index => (this.#ids[index] ? [{ task: this.#ids[index], on }] : []))
    const { tasks } = this.engine.store.changeTasks([{ add: newTask({ dependsOn, priority, createdAt: this.#now }) }])
    this.#ids.push(tasks[0]!.id)
  }

  #move({ which, event, isLate }: Step & { do: 'move' }, before: readonly Task[]): void {
    const old = before[which]
    if (!old) return
    const change = {
      ...{ event, at: this.#now, by: 'human', claimant: 'Code/a', leaseUntil: this.#now + 100 },
      ...(isLate ? { epoch: old.epoch - 1 } : {}),
      ...(event === 'retry-later' ? { notBefore: this.#now + 40 } : {}),
    }
    const [moved] = this.engine.store.changeTasks([{ move: old.id, change }]).tasks
    const expected = advanceTask(old, change)
    if (expected === 'refuse') expect(moved).toBeUndefined()
    // What goes back to the queue may be let go at once.
    else expect([expected.state, ...(expected.state === 'blocked' ? ['ready'] : [])]).toContain(moved?.state)
  }

  #claim(before: readonly Task[]): void {
    const ready = before.filter(({ state }) => state === 'ready').sort((a, b) => a.rank - b.rank || a.seq - b.seq)
    const claimed = this.engine.store.claimTask({
      ...{ claimant: 'Code/b', queues: ['Code'], capabilities: [], at: this.#now, leaseUntil: this.#now + 100 },
    })
    expect(claimed?.id).toBe(ready[0]?.id)
  }

  #depend({ which, on }: Step & { do: 'depend' }, before: readonly Task[]): void {
    const [task, other] = [before[which], before[on]]
    if (!task || !other || (task.state !== 'blocked' && task.state !== 'ready')) return
    const order = { depend: task.id, on: { task: other.id, on: 'success' as const }, at: this.#now, by: 'human' }
    if (!reaches(before, other, task)) return void this.engine.store.changeTasks([order])
    expect(() => this.engine.store.changeTasks([order])).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
  }

  /** The invariants of src/model/README.md, by their numbers. */
  #check(before: readonly Task[]): void {
    const now = this.all()
    const byId = new Map(now.map(task => [task.id, task]))
    for (const [index, task] of now.entries()) {
      const verdict = judgeDependencies(task.dependsOn.map(({ task: id, on }) => ({ on, state: byId.get(id)!.state })))
      if (task.state === 'ready') expect(verdict, '60').toBe('met')
      if (task.state === 'blocked' && task.notBefore === undefined) expect(verdict, '60').not.toBe('met')
      expect(task.leaseUntil !== undefined, '62').toBe(isHeld(task.state))
      expect(reaches(now, task, task, true), '67').toBe(false)
      if (isEnded(task.state)) expect(taskDueAt(task), '68').toBeUndefined()
      const old = before[index]
      if (!old) continue
      expect(task.epoch - old.epoch, '61').toBe(isHeld(task.state) && !isHeld(old.state) ? 1 : 0)
      if (task.state === 'succeeded' && old.state !== 'succeeded')
        expect(['verifying', 'awaiting-approval'], '63').toContain(old.state)
      if (isEnded(old.state) && old.state !== task.state) expect(task.iteration, '65').toBe(old.iteration + 1)
      for (const key of ['id', 'label', 'createdBy', 'priority', 'maxAttempts'] as const)
        expect(task[key], '70').toBe(old[key])
    }
    expect(this.engine.store.check()).toEqual([])
  }

  all(): readonly Task[] {
    return this.engine.store.tasks({}, 1000)
  }
}

function reaches(tasks: readonly Task[], from: Task, to: Task, isStepNeeded = false): boolean {
  if (!isStepNeeded && from.id === to.id) return true
  return from.dependsOn.some(({ task: id }) => reaches(tasks, tasks.find(each => each.id === id)!, to))
}

describe('random lives of tasks that depend on each other', () => {
  it('R-TSK-1 are in the store what the model says, and keep its invariants', () => {
    const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
    const { connection } = engine
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), steps => {
        connection.execute('savepoint life')
        try {
          const lives = new Lives(engine)
          for (const each of steps) lives.take(each)
        } finally {
          connection.execute('rollback to life; release life')
        }
      }),
      { numRuns: 150 },
    )
    engine.close()
  }, 60_000)
})

it('R-TSK-1 are added without a look at those that are there, whatever their labels', () => {
  const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
  const add = (label: string) => engine.store.changeTasks([{ add: newTask({ id: newId(), label }) }])
  add('TASK-A')
  const { connection } = engine
  const seen: string[] = []
  const real = connection.all.bind(connection) as (sql: string, ...values: never[]) => never
  connection.all = ((sql: string, ...values: never[]) => {
    seen.push(sql)
    return real(sql, ...values)
  }) as never
  add('TASK-B')
  expect(seen.filter(sql => sql.includes('label glob'))).toEqual([])
  engine.close()
})

it('R-TSK-1 are claimed without a look at those that wait behind', () => {
  const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
  const { connection } = engine
  engine.store.changeTasks(
    Array.from({ length: 200 }, (_, index) => ({ add: newTask({ id: newId(), needs: [['go', 'js'][index % 2]!] }) })),
  )
  const plans = plansOf(
    connection,
    () =>
      engine.store.claimTask({
        claimant: 'Code/a',
        queues: ['Code/a', 'Code', '*'],
        capabilities: ['js'],
        at: NOW,
        leaseUntil: NOW,
      }),
    ['all', 'get'],
  )
  const scans = plans.filter(({ sql }) => sql.includes('tasks_ready'))
  expect(scans.length).toBeGreaterThan(2)
  for (const { plan } of scans) {
    expect(plan).toMatch(/SEARCH tasks USING (COVERING )?INDEX tasks_ready \(queue=\?/)
    expect(plan).not.toMatch(/SCAN tasks|TEMP B-TREE/)
  }
  engine.close()
})

it('R-TSK-1 of open ones by their state are looked for among the open alone, however long the history', () => {
  const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
  const plans = plansOf(engine.connection, () => {
    engine.store.tasks({ states: ['verifying', 'awaiting-approval'] }, 10)
    engine.store.tasks({ isOpen: true }, 10)
    engine.store.tasks({ states: ['verifying', 'succeeded'] }, 10)
  })
  expect(plans.map(({ plan }) => plan.includes('tasks_open'))).toEqual([true, true, false])
  engine.close()
})

it('R-AGY-7 what an agent has, and how its tasks ended, is found by indexes, however long the history', () => {
  const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
  const plans = plansOf(engine.connection, () => {
    engine.store.tasks({ agent: 'Code/a' }, 10)
    engine.store.tasks({ agent: 'Code/a', states: ['succeeded'], agency: 'Code' }, 10)
    engine.store.tasks({ agent: 'Code/a', isOpen: true }, 10)
    engine.store.trackRecords(0)
  })
  expect(plans).toHaveLength(7)
  for (const { plan } of plans) expect(plan).not.toMatch(/SCAN (tasks|units|submissions|[rst])$/m)
  expect(plans[0]?.plan).toMatch(/tasks_open[\s\S]*tasks_assignee[\s\S]*tasks_claimant/)
  expect(plans[1]?.plan).toMatch(/tasks_open[\s\S]*tasks_assignee[\s\S]*tasks_claimant/)
  expect(plans[2]?.plan).toMatch(/tasks_open/)
  engine.close()
})
