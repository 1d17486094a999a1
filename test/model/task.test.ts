import { describe, expect, it } from 'vitest'
import {
  AGING_MS,
  advanceTask,
  isEnded,
  isHeld,
  judgeDependencies,
  NEXT_TASK,
  queueOf,
  TASK_EVENTS,
  TASK_STATES,
  type Task,
  type TaskChange,
  type TaskEvent,
  type TaskState,
  taskDueAt,
} from '../../src/model/task.ts'
import { task } from './aTask.ts'

const NOW = 1_800_000_000_000

const change = (event: TaskEvent, changes: Partial<TaskChange> = {}): TaskChange => ({
  ...{ event, at: NOW + 1, by: 'human', claimant: 'Code/b', leaseUntil: event === 'claim' ? NOW + 9 : undefined },
  ...changes,
})

interface Step {
  readonly from: Task
  readonly event: TaskEvent
  readonly to: Task
}

const STEPS: readonly Step[] = TASK_STATES.flatMap(state =>
  TASK_EVENTS.flatMap(event => {
    const from = task(state)
    const to = advanceTask(from, change(event))
    return to === 'refuse' ? [] : [{ from, event, to }]
  }),
)

function violations(isBroken: (step: Step) => boolean): string[] {
  return STEPS.filter(isBroken).map(({ from, event, to }) => `${from.state} ${event} ${to.state}`)
}

describe('the table of a task', () => {
  it('R-TSK-1 decides every event in every state', () => {
    for (const state of TASK_STATES)
      for (const event of TASK_EVENTS) expect([...TASK_STATES, 'refuse']).toContain(NEXT_TASK[state][event])
    expect(STEPS.length).toBeGreaterThan(40)
  })

  it('R-TSK-1 60: becomes ready only from blocked, by unblock', () => {
    expect(
      violations(({ from, event, to }) => to.state === 'ready' && (from.state !== 'blocked' || event !== 'unblock')),
    ).toEqual([])
  })

  it('R-TSK-1 61: is claimed only when it is ready, with a new epoch, and refuses an older one', () => {
    expect(violations(({ from, event }) => event === 'claim' && from.state !== 'ready')).toEqual([])
    expect(violations(({ from, event, to }) => to.epoch - from.epoch !== (event === 'claim' ? 1 : 0))).toEqual([])
    expect(advanceTask(task('running', { epoch: 3 }), change('submit', { epoch: 2 }))).toBe('refuse')
    expect(advanceTask(task('running', { epoch: 3 }), change('submit', { epoch: 3 }))).toMatchObject({
      state: 'verifying',
    })
  })

  it('R-TSK-1 62: has a lease exactly while somebody has it', () => {
    expect(violations(({ to }) => (to.leaseUntil !== undefined) !== isHeld(to.state))).toEqual([])
    expect(advanceTask(task('running'), change('interrupt'))).toMatchObject({ leaseUntil: undefined })
    expect(advanceTask(task('ready'), change('claim'))).toMatchObject({ claimant: 'Code/b', leaseUntil: NOW + 9 })
  })

  it('R-TSK-4 63: succeeds only after it was verified', () => {
    const ways = STEPS.filter(({ to }) => to.state === 'succeeded').map(({ from, event }) => `${from.state} ${event}`)
    expect(ways).toEqual(['verifying pass', 'awaiting-approval approve'])
    expect(violations(({ from, to }) => to.state === 'awaiting-approval' && from.state !== 'verifying')).toEqual([])
  })

  it('R-TSK-1 64: counts judgments and interruptions apart', () => {
    const judged = new Set(['return', 'retry-later', 'fail'])
    expect(
      violations(
        ({ from, event, to }) => event !== 'reopen' && to.attempts - from.attempts !== (judged.has(event) ? 1 : 0),
      ),
    ).toEqual([])
    expect(
      violations(
        ({ from, event, to }) =>
          event !== 'reopen' && to.interruptions - from.interruptions !== (event === 'interrupt' ? 1 : 0),
      ),
    ).toEqual([])
  })

  it('R-TSK-1 65: has ended until it is opened again, as its next iteration', () => {
    expect(violations(({ from, event }) => isEnded(from.state) && event !== 'reopen')).toEqual([])
    const spent = task('failed', { attempts: 3, interruptions: 2, iteration: 2 })
    expect(advanceTask(spent, change('reopen'))).toMatchObject({
      state: 'blocked',
      attempts: 0,
      interruptions: 0,
      iteration: 3,
    })
  })

  it('R-TSK-1 66: is cancelled or given up from every state that is open', () => {
    for (const state of TASK_STATES.filter(each => !isEnded(each))) {
      expect(NEXT_TASK[state].cancel).toBe('cancelled')
      expect(NEXT_TASK[state].bury).toBe('dead')
    }
  })

  it('R-TSK-1 68: has a due time with a deadline, a lease or a back-off, and none after its end', () => {
    expect(taskDueAt(task('ready'))).toBeUndefined()
    expect(taskDueAt(task('running', { deadline: NOW + 50_000 }))).toBe(NOW + 30_000)
    expect(taskDueAt(task('ready', { deadline: NOW + 5 }))).toBe(NOW + 5)
    expect(taskDueAt(task('blocked', { notBefore: NOW + 7 }))).toBe(NOW + 7)
    for (const state of ['succeeded', 'failed', 'dead', 'cancelled'] as const)
      expect(taskDueAt(task(state, { deadline: NOW }))).toBeUndefined()
  })

  it('R-TSK-1 69: ranks by the time it became ready, moved forward by its priority', () => {
    const rank = (priority: number, at: number) =>
      (advanceTask(task('blocked', { priority }), change('unblock', { at })) as Task).rank
    expect(rank(3, NOW)).toBeLessThan(rank(1, NOW))
    expect(rank(1, NOW)).toBeLessThan(rank(3, NOW + 2 * AGING_MS + 1))
  })

  it('R-TSK-1 70: keeps its id, label, giver, priority and maximum', () => {
    const kept = ({ id, label, createdBy, priority, maxAttempts }: Task) => ({
      id,
      label,
      createdBy,
      priority,
      maxAttempts,
    })
    for (const { from, to } of STEPS) expect(kept(to)).toEqual(kept(from))
  })
})

describe('what a task depends on', () => {
  const on = (kind: 'success' | 'done' | 'any', state: TaskState) => ({ on: kind, state })

  it('R-TSK-1 lets it go when every success is there', () => {
    expect(judgeDependencies([])).toBe('met')
    expect(judgeDependencies([on('success', 'succeeded'), on('success', 'running')])).toBe('waiting')
    expect(judgeDependencies([on('success', 'succeeded')])).toBe('met')
    expect(judgeDependencies([on('success', 'failed'), on('success', 'running')])).toBe('never')
  })

  it('R-TSK-1 lets it go when what has to be over is over, however it ended', () => {
    expect(judgeDependencies([on('done', 'cancelled')])).toBe('met')
    expect(judgeDependencies([on('done', 'awaiting-approval')])).toBe('waiting')
  })

  it('R-TSK-1 lets it go when one of several alternatives has succeeded', () => {
    expect(judgeDependencies([on('any', 'failed'), on('any', 'running')])).toBe('waiting')
    expect(judgeDependencies([on('any', 'failed'), on('any', 'succeeded')])).toBe('met')
    expect(judgeDependencies([on('any', 'failed'), on('any', 'dead')])).toBe('never')
    expect(judgeDependencies([on('any', 'succeeded'), on('success', 'ready')])).toBe('waiting')
  })

  it('waits with its agent, its agency, or for anybody', () => {
    expect(queueOf({ assignee: 'Code/a', agency: 'Code' })).toBe('Code/a')
    expect(queueOf({ assignee: undefined, agency: 'Code' })).toBe('Code')
    expect(queueOf({ assignee: undefined, agency: undefined })).toBe('*')
  })
})
