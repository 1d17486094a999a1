/** What every engine of the store must do with tasks. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Id, newId, shortId } from '../../src/kernel/ids.ts'
import type { SubmissionChange } from '../../src/model/submission.ts'
import type { Dependency, Task, TaskChange, TaskEvent } from '../../src/model/task.ts'
import type { Store } from '../../src/storage/store.ts'
import type { NewTask, TaskFilter } from '../../src/storage/taskStore.ts'
import { COMMIT, DIGEST, submission } from '../model/aSubmission.ts'

const NOW = 1_800_000_000_000

export function newTask(changes: Partial<NewTask> = {}): NewTask {
  return {
    ...{ id: newId(), label: undefined, title: 'A thing', body: '', agency: 'Code', assignee: undefined, needs: [] },
    ...{
      createdBy: 'human',
      createdAt: NOW,
      priority: 1,
      parent: undefined,
      dependsOn: [],
      deadline: undefined,
      maxAttempts: 3,
    },
    ...changes,
  }
}

export function tasksSuite(name: string, open: () => Promise<Store>): void {
  describe(`tasks in ${name}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store[Symbol.asyncDispose]())

    const add = async (changes: Partial<NewTask> = {}): Promise<Task> =>
      (await store.changeTasks([{ add: newTask(changes) }])).tasks[0]!
    const waitsFor = (...tasks: readonly Task[]): Dependency[] => tasks.map(({ id }) => ({ task: id, on: 'success' }))
    const move = async (id: Id, event: TaskEvent, changes: Partial<TaskChange> = {}) =>
      store.changeTasks([{ move: id, change: { event, at: NOW, by: 'human', ...changes } }])
    const claim = (claimant: string, changes: object = {}) =>
      store.claimTask({
        claimant,
        queues: [claimant, 'Code', '*'],
        capabilities: [],
        at: NOW,
        leaseUntil: NOW + 1000,
        ...changes,
      })
    const finish = async (task: Task) => {
      if (task.state === 'ready') await move(task.id, 'claim', { claimant: 'Code/a', leaseUntil: NOW + 1 })
      await move(task.id, 'submit')
      return move(task.id, 'pass')
    }
    const stateOf = async (task: Task) => (await store.findTask(task.id))?.state

    it('R-TSK-1 are ready when they wait for nothing, with a label of their own', async () => {
      const [one, two] = [await add(), await add()]
      expect([one, two]).toMatchObject([
        { label: 'TASK-001', state: 'ready' },
        { label: 'TASK-002', state: 'ready' },
      ])
      await add({ label: 'TASK-041' })
      expect((await add()).label).toBe('TASK-042')
    })

    it('R-TSK-1 wait for what comes before them, and are let go in the same transaction', async () => {
      const first = await add()
      const second = await add({ dependsOn: waitsFor(first) })
      expect(second.state).toBe('blocked')
      const { changed } = await finish(first)
      expect(changed.map(({ label, state }) => [label, state])).toContainEqual([second.label, 'ready'])
    })

    it('R-TSK-1 say so when what they wait for cannot come any more, and go when it comes after all', async () => {
      const first = await add()
      const second = await add({ dependsOn: waitsFor(first) })
      await move(first.id, 'cancel')
      expect(await store.findTask(second.id)).toMatchObject({
        state: 'blocked',
        reason: expect.stringContaining(`${first.label} cancelled`),
      })
      await move(first.id, 'reopen')
      await finish((await store.findTask(first.id))!)
      expect(await stateOf(second)).toBe('ready')
    })

    it('R-TSK-1 are held back again when what they wait for is opened again', async () => {
      const first = await add()
      const second = await add({ dependsOn: waitsFor(first) })
      await finish(first)
      await move(first.id, 'reopen')
      expect(await stateOf(second)).toBe('blocked')
    })

    it.each([1, 2, 3, 10, 50])('R-TSK-1 do not wait for each other: a way round of %i', async length => {
      const ids = Array.from({ length }, () => newId())
      const steps = ids.map((id, index) => ({
        add: newTask({
          id,
          label: `TASK-C${index}`,
          dependsOn: [{ task: ids[(index + 1) % length]!, on: 'success' as const }],
        }),
      }))
      await expect(store.changeTasks(steps)).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringMatching(
          new RegExp(`^these tasks would wait for each other: (TASK-C\\d+ → ){${length}}TASK-C\\d+$`),
        ),
      })
      expect(await store.tasks({}, 100)).toEqual([])
      expect(await store.check()).toEqual([])
    })

    it('R-TSK-1 are no part of themselves, nor of their own parts', async () => {
      const [a, b] = [newTask(), newTask()]
      const names = expect.objectContaining({ code: 'CONFLICT', message: expect.stringContaining('→') })
      await expect(store.changeTasks([{ add: { ...a, parent: a.id } }])).rejects.toEqual(names)
      await expect(
        store.changeTasks([{ add: { ...a, parent: b.id } }, { add: { ...b, parent: a.id } }]),
      ).rejects.toEqual(names)
      const whole = await add()
      const part = newTask({ parent: whole.id })
      const between = newTask({ dependsOn: [{ task: whole.id, on: 'done' }] })
      await expect(
        store.changeTasks([{ add: { ...part, dependsOn: [{ task: between.id, on: 'done' }] } }, { add: between }]),
      ).rejects.toEqual(names)
      expect(await store.tasks({}, 10)).toHaveLength(1)
    })

    it('R-TSK-2 are added by thousands at once, one after the other or side by side', async () => {
      const chain = Array.from({ length: 3000 }, () => newTask())
      const whole = await add()
      const linked = chain.map((draft, index) => ({
        ...draft,
        parent: whole.id,
        dependsOn: index === 0 ? [] : [{ task: chain[index - 1]!.id, on: 'success' as const }],
      }))
      const { tasks } = await store.changeTasks(linked.map(draft => ({ add: draft })))
      expect(tasks.at(-1)?.label).toBe('TASK-3001')
      await expect(
        store.changeTasks([
          { depend: chain[0]!.id, on: { task: chain.at(-1)!.id, on: 'success' }, at: NOW, by: 'human' },
        ]),
      ).rejects.toMatchObject({ code: 'CONFLICT' })
    })

    it('R-TSK-1 count on from their labels, but not from one that leaves no room', async () => {
      await add({ label: 'TASK-99999999999999999999999999999999' })
      expect((await add()).label).toBe('TASK-001')
      await add({ label: 'TASK-20261121' })
      expect((await add()).label).toBe('TASK-20261122')
    })

    it('R-TSK-1 are due no more when their back-off is over, also while they wait for another', async () => {
      const first = await add()
      const second = await add({ dependsOn: waitsFor(first) })
      await finish(first)
      await claim('Code/a', { queues: ['Code'] })
      await move(second.id, 'retry-later', { notBefore: NOW + 1000 })
      await move(first.id, 'reopen')
      await store.changeTasks([{ wake: second.id, at: NOW + 1000 }])
      expect(await store.findTask(second.id)).toMatchObject({ state: 'blocked' })
      expect(await store.dueTasks(NOW + 10_000, 10)).toEqual([])
    })

    it('R-TSK-1 do not wait for the task that they are a part of', async () => {
      const whole = await add()
      await expect(add({ parent: whole.id, dependsOn: waitsFor(whole) })).rejects.toMatchObject({
        code: 'CONFLICT',
        message: 'these tasks would wait for each other: TASK-002 → TASK-001 → TASK-002',
      })
    })

    it('R-TSK-1 refuse a dependency on a task that is not there, and add nothing', async () => {
      const steps = [{ add: newTask() }, { add: newTask({ dependsOn: [{ task: newId(), on: 'done' }] }) }]
      await expect(store.changeTasks(steps)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(await store.tasks({}, 100)).toEqual([])
    })

    it('R-TSK-1 are claimed once, by priority and then by how long they have waited', async () => {
      const normal = await add()
      const urgent = await add({ priority: 3 })
      const later = await add({ createdAt: NOW + 1 })
      const taken = await Promise.all(['Code/a', 'Code/b', 'Code/c', 'Code/d'].map(agent => claim(agent)))
      expect(taken.map(task => task?.id)).toEqual([urgent.id, normal.id, later.id, undefined])
      expect(taken[0]).toMatchObject({ state: 'claimed', claimant: 'Code/a', epoch: 1, leaseUntil: NOW + 1000 })
    })

    it('R-TSK-1 go to whoever has what they need, or to whom they are assigned', async () => {
      const needs = await add({ needs: ['go', 'grpc'] })
      const own = await add({ assignee: 'Code/a', needs: ['cobol'] })
      const anybody = await add({ agency: undefined, needs: ['go'] })
      expect((await claim('Code/a'))?.id).toBe(own.id)
      expect(await claim('Code/b', { capabilities: ['go'], queues: ['Code/b', 'Code'] })).toBeUndefined()
      expect((await claim('Code/b', { capabilities: ['go', 'grpc'] }))?.id).toBe(needs.id)
      expect((await claim('Other/x', { capabilities: ['go'], queues: ['Other/x', 'Other', '*'] }))?.id).toBe(anybody.id)
    })

    it('R-TSK-1 refuse what comes from a claim that is over', async () => {
      const { id } = await add()
      await claim('Code/a')
      await move(id, 'interrupt', { epoch: 1 })
      expect((await claim('Code/b'))?.epoch).toBe(2)
      expect((await move(id, 'submit', { epoch: 1 })).tasks).toEqual([undefined])
      expect(await store.extendTask(id, 1, NOW + 9)).toBe(false)
      expect(await store.extendTask(id, 2, NOW + 9000)).toBe(true)
      expect(await store.findTask(id)).toMatchObject({
        claimant: 'Code/b',
        interruptions: 1,
        attempts: 0,
        leaseUntil: NOW + 9000,
      })
    })

    it('R-TSK-1 come back after a back-off, and not before', async () => {
      const { id } = await add()
      await claim('Code/a')
      await move(id, 'retry-later', { notBefore: NOW + 500 })
      expect(await store.findTask(id)).toMatchObject({ state: 'blocked', attempts: 1, notBefore: NOW + 500 })
      expect(await store.dueTasks(NOW + 499, 9)).toEqual([])
      expect(await store.nextTaskDue()).toBe(NOW + 500)
      expect((await store.dueTasks(NOW + 500, 9)).map(task => task.id)).toEqual([id])
      await store.changeTasks([{ wake: id, at: NOW + 499 }])
      expect((await store.findTask(id))?.state).toBe('blocked')
      await store.changeTasks([{ wake: id, at: NOW + 500 }])
      expect((await store.findTask(id))?.state).toBe('ready')
    })

    it('R-TSK-5 leave a work unit for every change, with who and why', async () => {
      const { id } = await add({ createdBy: 'Code/lead' })
      await move(id, 'cancel', { by: 'Code/lead', reason: 'no longer wanted' })
      const units = await store.units({ subject: id }, 9)
      expect(units.map(({ agent, metadata: { event, state, reason } }) => [agent, event, state, reason])).toEqual([
        ['Code/lead', 'add', 'blocked', undefined],
        ['system', 'unblock', 'ready', undefined],
        ['Code/lead', 'cancel', 'cancelled', 'no longer wanted'],
      ])
      expect(units[0]!.context).toBe('Code')
    })

    it('R-TSK-1 hear a place in the log once', async () => {
      const heard = { by: 'tasks', seq: 7 }
      expect((await store.changeTasks([{ add: newTask() }], heard)).changed).toHaveLength(1)
      expect((await store.changeTasks([{ add: newTask() }], heard)).changed).toEqual([])
      expect(await store.tasks({}, 9)).toHaveLength(1)
      await expect(
        store.changeTasks([{ add: newTask({ dependsOn: [{ task: newId(), on: 'any' }] }) }], { ...heard, seq: 9 }),
      ).rejects.toThrow()
      expect(await store.marked('tasks')).toBe('7')
    })

    it('are found by id, short id and label; an open one is meant before those that have ended', async () => {
      const old = await add({ label: 'TASK-7' })
      expect((await store.findTask(shortId(old.id)))?.id).toBe(old.id)
      await move(old.id, 'cancel')
      const fresh = await add({ label: 'TASK-7' })
      expect((await store.findTask('TASK-7'))?.id).toBe(fresh.id)
      await add({ label: 'TASK-7', agency: 'Other' })
      await expect(store.findTask('TASK-7')).rejects.toMatchObject({ code: 'CONFLICT' })
      expect(await store.findTask('TASK-8')).toBeUndefined()
    })

    it('R-AGY-7 tell how an agent has done', async () => {
      for (const bad of [false, true]) {
        const { id } = await add()
        await claim('Code/a')
        await move(id, 'submit')
        if (bad) await move(id, 'return')
        if (bad) await move(id, 'submit')
        await move(id, 'pass')
      }
      await add({ assignee: 'Code/b' })
      await claim('Code/a', { queues: ['Code'] })
      const records = await store.trackRecords(0)
      expect(records).toContainEqual({ agent: 'Code/a', succeeded: 2, failed: 0, firstPass: 1, open: 0, waiting: 0 })
      expect(records).toContainEqual({ agent: 'Code/b', succeeded: 0, failed: 0, firstPass: 0, open: 0, waiting: 1 })
      expect(await store.trackRecords(NOW + 1), 'what is older does not count').toContainEqual(
        expect.objectContaining({ agent: 'Code/b', waiting: 1 }),
      )
      const held = await add({ assignee: 'Code/c' })
      await claim('Code/c')
      expect(await store.trackRecords(NOW + 1)).toContainEqual({
        ...{ agent: 'Code/c', succeeded: 0, failed: 0, firstPass: 0, open: 1, waiting: 0 },
      })
      await move(held.id, 'fail')
      expect(await store.trackRecords(NOW)).toContainEqual(expect.objectContaining({ agent: 'Code/c', failed: 1 }))
    })

    it('R-AGY-7 do not count as good at the first try what was red when it was merged', async () => {
      const decided = { by: 'human', commit: COMMIT, digest: DIGEST } as const
      const expiresAt = NOW + 1e9
      const approved = [
        ...[{ event: 'pass-checks' }, { event: 'pass-tests', expiresAt }],
        ...[{ event: 'approve', ...decided }, { event: 'begin-merge' }],
      ] as const
      for (const isRed of [false, true, true]) {
        const task = await add()
        await finish(task)
        const { id } = await store.addSubmission(submission('checking', { seq: 0, task: task.id }))
        const reason = 'merged into main, npm test failed with 1'
        for (const event of [...approved, { event: 'requeue', expiresAt, isRed, reason }])
          await store.moveSubmission(id, { at: NOW, by: 'system', ...event } as SubmissionChange)
      }
      expect(await store.trackRecords(0)).toMatchObject([{ agent: 'Code/a', succeeded: 3, firstPass: 1 }])
      expect(await store.trackRecords(NOW + 1)).toEqual([])
    })

    it('R-TSK-1 list what an agent is to do or has done, newest last', async () => {
      const [own, held, other] = [await add({ assignee: 'Code/a' }), await add(), await add({ assignee: 'Code/b' })]
      await finish(held)
      const both = await add({ assignee: 'Code/a' })
      await finish(both)
      const ids = async (filter: TaskFilter, limit = 9) => (await store.tasks(filter, limit)).map(({ id }) => id)
      expect(await ids({ agent: 'Code/a' })).toEqual([own.id, held.id, both.id])
      expect(await ids({ agent: 'Code/a' }, 2)).toEqual([held.id, both.id])
      expect(await ids({ agent: 'Code/a', isOpen: true })).toEqual([own.id])
      expect(await ids({ agent: 'Code/a', states: ['succeeded'], agency: 'Code' })).toEqual([held.id, both.id])
      expect(await ids({ agent: 'Code/b' })).toEqual([other.id])
    })
  })
}
