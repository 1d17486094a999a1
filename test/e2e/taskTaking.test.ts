/** Work that is taken back, given again, or touched by somebody whose it is not. */
import { readFile, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { asAgent, createTeam, got } from './scriptAgents.ts'
import { add, type Document, whenTask } from './taskSteps.ts'
import { Workbench } from './workbench.ts'

/** So many lines a script agent may leave unanswered before the next one waits. */
const WINDOW = 16

const bodies = async (bench: Workbench, address: string): Promise<string[]> =>
  (await got(bench, address)).map(({ body }: Document) => body)

/** Sends a last message, and waits until it is there: what was to come before it has come. */
async function afterAll(bench: Workbench, address: string): Promise<string[]> {
  await bench.ok(['send', address, 'NOTE: the last', '--wait', 'confirmed'])
  return bodies(bench, address)
}

it('R-TSK-1 a task that is taken back before it has arrived does not arrive', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a', 'b'] })
  const cancelled = await add(bench, 'Cancelled', '--to', 'Crew/a')
  await whenTask(bench, cancelled.id, 'running')
  await bench.ok(['task', 'done', cancelled.id], asAgent(bench, 'Crew/a'))
  // A person gives three, and it is stopped before any of them has come.
  await bench.ok(['stop', 'Crew/a'])
  for (const label of ['TASK-011', 'TASK-012', 'TASK-013']) {
    await bench.ok(['send', 'Crew/a', `${label}: held back`])
    await whenTask(bench, label, 'claimed')
  }
  await bench.ok(['task', 'cancel', 'TASK-011', 'no longer'])
  await bench.ok(['task', 'assign', 'TASK-012', 'Crew/b'])
  await whenTask(bench, 'TASK-012', 'running')
  await bench.ok(['start', 'Crew/a'])
  const heard = (await afterAll(bench, 'Crew/a')).slice(1)
  expect(heard.join('\n')).not.toMatch(/TASK-01[12]/)
  expect(heard).toEqual([expect.stringContaining('TASK-013'), 'NOTE: the last'])
  expect((await bodies(bench, 'Crew/b')).filter(body => body.includes('TASK-012'))).toHaveLength(1)
})

it('R-TSK-1 a task that waits and is given by a message of its label is given once', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a'] })
  const first = await add(bench, 'First', '--to', 'Crew/a')
  await whenTask(bench, first.id, 'running')
  await add(bench, 'Second', '--to', 'Crew/a', '--label', 'TASK-020')
  await bench.ok(['send', 'Crew/a', 'TASK-020: take this one now do=complete'])
  await whenTask(bench, 'TASK-020', 'succeeded')
  await bench.ok(['task', 'done', first.id], asAgent(bench, 'Crew/a'))
  await whenTask(bench, first.id, 'succeeded')
  expect((await afterAll(bench, 'Crew/a')).filter(body => body.startsWith('TASK-020'))).toHaveLength(1)
})

it('R-TSK-1 words about another task, other work, and a copy that somebody reads move nothing', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a', 'b'] })
  await bench.ok(['send', 'Crew/a', 'TASK-030: one do=stuck'])
  await whenTask(bench, 'TASK-030', 'awaiting-input')
  await bench.ok(['send', 'Crew/a', 'TASK-031: another'])
  await whenTask(bench, 'TASK-031', 'running')
  expect((await bench.ok(['task', 'show', 'TASK-030'])).task.state).toBe('awaiting-input')
  // Its report of a task that it has no longer, without a label, is not about the one that it has.
  const old = (await got(bench, 'Crew/a')).find(({ label }: Document) => label === 'TASK-030')
  await bench.ok(['task', 'cancel', 'TASK-030'])
  await bench.ok(['reply', old.id, 'COMPLETE a: all done'], asAgent(bench, 'Crew/a'))
  await bench.ok(['send', 'human', 'STATUS: heard after it'], asAgent(bench, 'Crew/a'))
  expect((await bench.ok(['task', 'show', 'TASK-031'])).task.state).toBe('running')
  // The coordinator reads its copy of a task that a peer gives to one who is not there.
  await bench.ok(['stop', 'Crew/b'])
  await bench.ok(['send', 'Crew/b', 'TASK-032: from a peer'], asAgent(bench, 'Crew/a'))
  await bench.ok(['inbox'], asAgent(bench, 'Crew/lead'))
  await bench.ok(['send', 'human', 'STATUS: read'], asAgent(bench, 'Crew/lead'))
  expect((await bench.ok(['task', 'show', 'TASK-032'])).task.state).toBe('claimed')
})

it('R-TSK-1 a peer opens no task again that is not its own, and adds no part to it', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a', 'b'] })
  const peer = asAgent(bench, 'Crew/b')
  const task = await add(bench, 'Of the person do=complete', '--to', 'Crew/a')
  await whenTask(bench, task.id, 'succeeded')
  await bench.ok(['send', 'Crew/a', `${task.label}: again, I say`], peer)
  const own = await until(
    async () =>
      (await bench.ok(['task', 'list', '--all'])).tasks.find(({ createdBy }: Document) => createdBy === 'Crew/b'),
    { timeoutMs: 10_000, everyMs: 100 },
  )
  expect(own).toMatchObject({ label: task.label, iteration: 1 })
  expect((await bench.ok(['task', 'show', task.id])).task).toMatchObject({ state: 'succeeded', iteration: 1 })
  const whole = await add(bench, 'The whole', '--to', 'Crew/lead')
  const refused = await bench.run(['task', 'add', 'In its way', '--to', 'Crew/b', '--parent', whole.id, '--json'], peer)
  expect([refused.code, refused.json.error.code]).toEqual([5, 'NOT_ALLOWED'])
  const late = await bench.run(['task', 'add', 'Too late', '--to', 'Crew/b', '--parent', task.id, '--json'])
  expect([late.code, late.json.error.message]).toEqual([4, expect.stringContaining('has ended')])
})

it('R-BUS-1 where peers go through their coordinator, work does so too, and what the person gives arrives', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Crew', { agents: ['a', 'b'], policy: 'coordinator' })
  const peer = asAgent(bench, 'Crew/a')
  const refused = await bench.run(['task', 'add', 'Around', '--to', 'Crew/b', '--json'], peer)
  expect([refused.code, refused.json.error.hint]).toEqual([5, expect.stringContaining('--to Crew')])
  await bench.ok(['task', 'add', 'By the way that is meant do=complete', '--to', 'Crew'], peer)
  await whenTask(bench, 'TASK-001', 'succeeded')
  // What was given while the policy was another one reaches its claimant all the same.
  await bench.ok(['stop', 'Crew/b'])
  const file = bench.file('agencies', 'Crew', 'agency.json')
  const policy = async (peerMessages: string) => {
    const definition = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...definition, policies: { ...definition.policies, peerMessages } }))
  }
  await policy('copy')
  const taken = await until(
    async () => (await bench.run(['task', 'add', 'For b do=complete', '--to', 'Crew/b'], peer)).code === 0,
    { timeoutMs: 10_000, everyMs: 200 },
  )
  expect(taken).toBe(true)
  await policy('coordinator')
  await until(async () => (await bench.run(['task', 'add', 'x', '--to', 'Crew/b'], peer)).code === 5, {
    timeoutMs: 10_000,
    everyMs: 200,
  })
  await bench.ok(['start', 'Crew/b'])
  await whenTask(bench, 'TASK-002', 'succeeded')
})

it('R-TSK-1 what anybody could do does not wait for one who takes no work', async () => {
  await using bench = await Workbench.open({ settings: 'tasks: { lease: 1 }' })
  await createTeam(bench, 'Crew', { agents: ['a', 'b'], skills: { a: ['go'], b: ['go'] } })
  await bench.ok(['stop', 'Crew/b'])
  for (let count = 0; count < WINDOW; count++) await bench.ok(['send', 'Crew/a', `NOTE: ${count} do=silent`])
  const { id } = await add(bench, 'For either do=complete', '--to', 'Crew', '--needs', 'go')
  expect((await whenTask(bench, id, 'claimed')).task.claimant).toBe('Crew/a')
  await bench.ok(['pause', 'Crew/a'])
  await bench.ok(['start', 'Crew/b'])
  const { task } = await whenTask(bench, id, 'succeeded')
  expect(task).toMatchObject({ claimant: 'Crew/b', interruptions: 0 })
  await bench.ok(['resume', 'Crew/a'])
  expect((await bodies(bench, 'Crew/a')).join()).not.toContain('For either')
})
