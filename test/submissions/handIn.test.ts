import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type Id, newId } from '../../src/kernel/ids.ts'
import type { TaskEvent } from '../../src/model/task.ts'
import { Ending } from '../../src/submissions/ending.ts'
import { HandIn } from '../../src/submissions/handIn.ts'
import { TaskBoard } from '../../src/tasks/board.ts'
import { commit, git } from '../e2e/gitProject.ts'
import { NOW, stage } from './stage.ts'

const LEASE = { leaseUntil: NOW + 1000 }

/** `Code/lead` and `Code/a`, who has a branch of its own with one commit, and who has what tasks. */
async function crew() {
  const on = await stage()
  const { parts, repository, root, store } = on
  const board = new TaskBoard(store)
  const { roster } = parts
  roster.agencies.set('Code', { name: 'Code' } as never)
  const workdir = join(root, 'a')
  await git(repository, 'worktree', 'add', '--quiet', '-b', 'agency/Code/a', workdir, 'main')
  const member = (name: string) => ({ address: `Code/${name}`, agency: 'Code', name, branch: `agency/Code/${name}` })
  roster.agents.set('Code/lead', { ...member('lead'), workdir: root } as never)
  roster.agents.set('Code/a', { ...member('a'), workdir } as never)
  const work = async (name: string) => {
    await writeFile(join(workdir, name), name)
    await commit(workdir, `Add ${name}`)
  }
  await work('one.txt')
  const has = async (claimant: string, title: string, ...events: readonly TaskEvent[]): Promise<Id> => {
    const id = newId()
    const place = { agency: 'Code', assignee: claimant, needs: [], createdBy: 'human', createdAt: NOW }
    const rest = { priority: 1, parent: undefined, dependsOn: [], deadline: undefined, maxAttempts: 3 }
    await board.change([{ add: { id, label: undefined, title, body: '', ...place, ...rest } }])
    for (const event of ['claim', ...events] as const)
      await board.move(id, { event, at: NOW, by: claimant, claimant, ...LEASE })
    return id
  }
  const whole = { ...parts, tasks: board, publish: async () => ({}) as never }
  return { ...on, has, work, whole, handIn: new HandIn(whole) }
}

it('R-APR-2 what is handed in is of the task whose agent’s branch it is, or of the one that is named, and of no other', async () => {
  const { has, handIn } = await crew()
  const goal = await has('Code/lead', 'The goal of the coordinator')
  const part = await has('Code/a', 'The part of a')
  const of = async (...wish: Parameters<HandIn['submit']>) => {
    const { task, title } = await handIn.submit(...wish)
    return { task, title }
  }
  const feature = { agency: 'Code', branch: 'feature/x' }
  expect(await of('human', feature)).toEqual({ task: undefined, title: 'Add x' })
  expect(await of('human', { ...feature, task: goal.slice(-8) })).toMatchObject({ task: goal })
  for (const caller of ['human', 'Code/lead', 'Code/a'])
    expect(await of(caller, { branch: 'agency/Code/a' }), caller).toEqual({ task: part, title: 'The part of a' })
  const report = { agency: 'Code', isReport: true, summary: 'All is well.' }
  expect(await of('human', report)).toEqual({ task: undefined, title: 'All is well.' })
  expect(await of('human', { ...report, task: 'TASK-001' })).toMatchObject({ task: goal })
  expect(await of('Code/a', { ...report, agency: undefined })).toMatchObject({ task: part })
  const refused = (task: string) => handIn.submit('Code/a', { branch: 'agency/Code/a', task })
  await expect(refused(goal)).rejects.toThrow('TASK-001 is the work of Code/lead')
  await expect(refused('TASK-777')).rejects.toThrow('there is no task "TASK-777"')
})

it('R-APR-4 a branch that has gone on while its task waits for the person is handed in as that task again, and nobody begins anew', async () => {
  const { has, work, handIn, whole, store, all } = await crew()
  const task = await has('Code/a', 'The part of a', 'submit', 'present')
  const first = await handIn.submit('Code/a', {})
  await work('two.txt')
  // Whoever settles it may come between any two steps of that.
  let early: Promise<void> = Promise.resolve()
  whole.board.onChange(({ id, state }) => {
    if (id === first.id && state === 'withdrawn') early = all().then(open => new Ending(whole).tick(open))
  })
  const second = await handIn.submit('Code/a', {})
  await early
  expect([first.task, second.task, second.previous?.id]).toEqual([task, task, first.id])
  await new Ending(whole).tick(await all())
  expect(await store.findTask(task)).toMatchObject({ state: 'awaiting-approval', iteration: 1 })
  expect(await store.findSubmission(first.id)).toMatchObject({ state: 'withdrawn', isSettled: true })
})
