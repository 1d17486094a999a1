import { expect, it } from 'vitest'
import { newId } from '../../src/kernel/ids.ts'
import type { Submission, SubmissionState } from '../../src/model/submission.ts'
import type { Task, TaskEvent } from '../../src/model/task.ts'
import type { SubmissionBoard } from '../../src/submissions/board.ts'
import { Ending } from '../../src/submissions/ending.ts'
import type { SubmissionParts } from '../../src/submissions/parts.ts'
import { TaskBoard } from '../../src/tasks/board.ts'
import { NOW, stage } from './stage.ts'

const LEASE = { claimant: 'Code/a', leaseUntil: NOW + 1000 }
const NEVER = Number.POSITIVE_INFINITY
const TO_APPROVAL: readonly TaskEvent[] = ['claim', 'submit', 'present']

type Stage = Awaited<ReturnType<typeof open>>

async function open() {
  const made = await stage({ policies: { finalise: 'off' } as never })
  for (const name of ['lead', 'a', 'b'])
    made.parts.roster.agents.set(`Code/${name}`, { address: `Code/${name}`, branch: `agency/Code/${name}` } as never)
  return made
}

/** A task that waits for the person, and how its submission has ended; `isLast`: with no attempt left. */
async function ended({ store, add }: Stage, state: SubmissionState, { isLast = false } = {}) {
  const id = newId()
  const draft = { id, label: undefined, title: 'A thing', body: '', agency: 'Code', assignee: 'Code/a', needs: [] }
  const rest = { priority: 1, parent: undefined, dependsOn: [], deadline: undefined, maxAttempts: isLast ? 1 : 3 }
  await store.changeTasks([{ add: { ...draft, ...rest, createdBy: 'Code/lead', createdAt: NOW } }])
  for (const event of TO_APPROVAL)
    await store.changeTasks([{ move: id, change: { event, at: NOW, by: 'Code/a', ...LEASE } }])
  const words = { reason: 'a test fails', decision: { kind: 'reject', by: 'human', words: 'No.' } as never }
  const made = await add(state, { id: newId(), task: id, iteration: 1, submittedBy: 'Code/lead', ...words })
  return { made, task: async () => (await store.findTask(id))! }
}

/** Dies when the n-th thing that lasts was done. Whoever asks later hears nothing either. */
function dying(parts: SubmissionParts, at: number) {
  const said = new Map<string, string>()
  let count = 0
  const lasting = async <T>(deed: () => Promise<T>): Promise<T> => {
    count++
    if (count > at) throw new Error('the daemon is dead')
    const outcome = await deed()
    if (count === at) throw new Error('the daemon is dead')
    return outcome
  }
  const tasks = new TaskBoard(parts.store)
  const change = tasks.change.bind(tasks)
  tasks.change = steps => lasting(() => change(steps))
  const board = { settle: (id: Submission['id']) => lasting(() => parts.board.settle(id)) } as SubmissionBoard
  const publish: SubmissionParts['publish'] = (_, { to, type, body, payload, idempotencyKey }) =>
    lasting(async () => {
      const text = body ?? String((payload as { text: string }).text)
      if (!said.has(idempotencyKey!)) said.set(idempotencyKey!, `${type ?? 'notice'} to ${to}: ${text.split('\n')[0]}`)
      return {} as never
    })
  return { living: { ...parts, tasks, board, publish }, said, reached: () => count }
}

async function tellAll(on: Stage, [state, isLast]: readonly [SubmissionState, boolean], deathAt: number) {
  const { parts, find } = on
  const { made, task } = await ended(on, state, { isLast })
  const { living, said, reached } = dying(parts, deathAt)
  await new Ending(living).tick([made])
  const second = dying(parts, NEVER)
  for (const [key, text] of said) second.said.set(key, text)
  for (let ticks = 0; ticks < 2; ticks++)
    await new Ending(second.living).tick([await find(made)].filter(found => !found.isSettled))
  const short = (text: string) =>
    text.replaceAll(made.id.slice(-8), 'S').replaceAll(made.change!.commit.slice(0, 12), 'C')
  const { state: goes, iteration, attempts, reason }: Task = await task()
  return {
    said: [...second.said.values()]
      .map(text => short(text).replace(/TASK-\d+ \([0-9a-f]{8}\)|show [0-9a-f]{8}/g, 'T'))
      .sort(),
    task: { goes, iteration, attempts, reason: short(reason ?? '') },
    isSettled: (await find(made)).isSettled,
    reached: reached(),
  }
}

const ENDS: readonly (readonly [SubmissionState, boolean, string, number])[] = [
  ['returned', false, 'ready', 0],
  ['returned', true, 'failed', 1],
  ['rejected', false, 'ready', 0],
  ['changes-requested', false, 'ready', 0],
  ['withdrawn', false, 'ready', 2],
  ['expired', false, 'failed', 4],
]

it.each(ENDS)(
  'R-APR-4 R-BUS-4 %s (last attempt: %s): everything is said once, whenever the daemon dies',
  async (...end) => {
    const [state, isLast, goes, messages] = end
    const on = await open()
    const { reached, ...whole } = await tellAll(on, [state, isLast], NEVER)
    expect(whole).toMatchObject({ isSettled: true, task: { goes } })
    expect(whole.said, whole.said.join('\n')).toHaveLength(messages)
    for (let at = 1; at <= reached; at++) {
      const { reached: _, ...broken } = await tellAll(on, [state, isLast], at)
      expect(broken, `died after thing ${at}`).toEqual(whole)
    }
  },
)

it('R-APR-4 the words of a refusal go to the author by themselves where no task carries them', async () => {
  const on = await open()
  const { parts, store } = on
  const { made, task } = await ended(on, 'rejected')
  const { id } = await task()
  await store.changeTasks([{ move: id, change: { event: 'cancel', at: NOW, by: 'human' } }])
  const { living, said } = dying(parts, NEVER)
  await new Ending(living).tick([made])
  expect([...said.values()]).toMatchObject(
    [/^TASK to Code\/a: .*rejected/, /^NOTE to Code\/lead: .*rejected/].map(words => expect.stringMatching(words)),
  )
  expect((await task()).state).toBe('cancelled')
})

it('R-APR-4 of two that end together the later one moves the task, with its own words', async () => {
  const on = await open()
  const { parts, add } = on
  const { made, task } = await ended(on, 'withdrawn')
  const { id } = await task()
  const later = await add('returned', { task: id, iteration: 1, reason: 'the second fails' })
  const { living } = dying(parts, NEVER)
  await new Ending(living).tick([made, later])
  expect(await task()).toMatchObject({
    state: 'ready',
    attempts: 1,
    reason: expect.stringContaining('the second fails'),
  })
})
