import { readdir, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { newId } from '../../src/kernel/ids.ts'
import { drop, whenTaken } from './outboxSteps.ts'
import { asAgent, createTeam } from './scriptAgents.ts'
import { add, type Document, whenTask } from './taskSteps.ts'
import { Workbench } from './workbench.ts'

it('R-BUS-5 R-TSK-1 R-TSK-4 how an agent goes on with its task waits in the outbox while no daemon can be had, and counts once, for the claim that it was said of', async () => {
  await using bench = await Workbench.open({ settings: 'tasks: { backoffBase: 600 }' })
  await createTeam(bench, 'Crew', { agents: ['a', 'b', 'c'] })
  const made = await add(bench, 'Make it', '--to', 'Crew/a')
  const { tasks } = await bench.ok(['task', 'add', 'Ask for it', '--to', 'Crew/b'], asAgent(bench, 'Crew/lead'))
  const [asked] = tasks
  const hard = await add(bench, 'Try it', '--to', 'Crew/c')
  for (const { id } of [made, asked, hard]) await whenTask(bench, id, 'running')
  const { id: other } = await bench.ok(['send', 'Crew/lead', 'STATUS a: here'], asAgent(bench, 'Crew/a'))
  const story = async (task: Document) => bench.ok(['task', 'show', task.id])
  const say = (who: string, ...words: string[]) => bench.run(['task', ...words, '--json'], asAgent(bench, who))
  const settings = await bench.text('agency.yaml')
  await bench.ok(['daemon', 'stop'])
  await writeFile(bench.file('agency.yaml'), 'nonsense: true\n')

  const blocked = await say('Crew/b', 'block', asked.label, 'which port?')
  expect(blocked).toMatchObject({ code: 0, json: { outbox: true } })
  expect(blocked.stderr).toContain(`what is said of ${asked.label} waits in registry/outbox/new`)
  const failed = await say('Crew/c', 'fail', hard.label, 'it needs a key')
  const done = await say('Crew/a', 'done', made.id, 'it is made', '--tests', '3/0', '--artifact', 'report.md')
  expect(done.code).toBe(0)
  const token = (await bench.text('registry', 'tokens', 'Crew.b')).trim()
  // What the live door refuses, and what was said before the claim that there is.
  const refused: Record<string, RegExp> = {
    [(await say('Crew/lead', 'done', asked.id, 'as good as')).json.id]:
      /Crew\/lead may not end TASK-002: Crew\/b has it/,
  }
  const files = [
    [{ task: made.id, done: { summary: 'of nobody' } }, /external may not end/],
    [{ task: 'TASK-404', fail: { why: 'it is not there' }, token }, /no task/],
    [{ task: asked.id, done: { summary: 'x' }, block: { why: 'y' }, token }, /^task: one of done, block, fail/],
    [{ task: asked.id, done: { summary: 'x' }, to: 'human', token }, /to/],
    [{ id: other, task: asked.id, done: { summary: 'another’s message' }, token }, /id of another message/],
    [
      { id: '01900000-0000-7000-8000-0000000000aa', task: asked.id, done: { summary: 'before' }, token },
      /earlier claim/,
    ],
  ] as const
  for (const [file, reason] of files) {
    const id = 'id' in file ? file.id : newId()
    refused[id] = reason
    await drop(bench, `${id}.json`, { id, ...file })
  }
  const kept = await Promise.all(
    [done, blocked, failed].map(({ json }) => bench.text('registry', 'outbox', 'new', `${json.id}.json`)),
  )
  await writeFile(bench.file('agency.yaml'), settings)
  await bench.ok(['status'])
  await whenTaken(bench)

  expect((await whenTask(bench, made.id, 'succeeded')).task).toMatchObject({
    ...{ claimant: 'Crew/a', epoch: 1, completion: done.json.id, attempts: 0 },
    result: { summary: 'it is made', tests: { passed: 3, failed: 0 }, artifacts: ['report.md'] },
  })
  expect((await bench.whenDelivery(done.json.id, 'human', 'queued', 'confirmed')).message.body).toContain('it is made')
  expect((await whenTask(bench, asked.id, 'awaiting-input')).task).toMatchObject({ epoch: 1 })
  expect((await bench.whenDelivery(blocked.json.id, 'Crew/lead', 'confirmed')).message).toMatchObject({
    ...{ from: 'Crew/b', type: 'BLOCKED', body: 'BLOCKED b: TASK-002: which port?' },
  })
  expect((await whenTask(bench, hard.id, 'blocked')).task).toMatchObject({ attempts: 1, reason: 'it needs a key' })
  for (const [id, reason] of Object.entries(refused)) {
    const { rejected, file } = JSON.parse(await bench.text('registry', 'outbox', 'rejected', `${id}.json`))
    expect(rejected.message).toMatch(reason)
    expect(file.token).toBeUndefined()
  }

  // Taken in once more, nothing is said once more: also where its state by now would take it.
  await bench.ok(['reply', blocked.json.id, '8080'], asAgent(bench, 'Crew/lead'))
  await whenTask(bench, asked.id, 'running')
  const before = await Promise.all([made, asked, hard].map(story))
  for (const [number, text] of kept.entries()) await drop(bench, `again-${number}.json`, text)
  await whenTaken(bench)
  expect((await Promise.all([made, asked, hard].map(story))).map(({ events }) => events)).toEqual(
    before.map(({ events }) => events),
  )
  expect(await readdir(bench.file('registry', 'outbox', 'rejected'))).toHaveLength(Object.keys(refused).length)

  // A daemon that dies when it has it and has not said so.
  await bench.ok(['daemon', 'stop'])
  const cut = await bench.run(['task', 'block', asked.id, 'and which host?', '--json'], {
    env: { ...asAgent(bench, 'Crew/b').env, AGENCY_CRASH_AT: 'accept:after-write' },
  })
  expect(cut).toMatchObject({ code: 0, json: { outbox: true } })
  await bench.ok(['status'])
  await whenTaken(bench)
  const { events } = await whenTask(bench, asked.id, 'awaiting-input')
  expect(events.filter(({ event }: Document) => event === 'ask')).toHaveLength(2)
})
