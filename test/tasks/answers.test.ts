import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Roster } from '../../src/agencies/roster.ts'
import { parseSettings } from '../../src/config/settings.ts'
import { type Id, newId } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { definitionSchema } from '../../src/model/definition.ts'
import { type Message, readPrefix } from '../../src/model/message.ts'
import { SqliteEngine } from '../../src/storage/sqlite/engine.ts'
import { TaskBoard } from '../../src/tasks/board.ts'
import { Listener } from '../../src/tasks/listener.ts'
import type { TaskParts } from '../../src/tasks/parts.ts'
import { inThisThread, temporaryFolder } from '../storage/sqlite/setup.ts'
import { message } from '../storage/store.suite.ts'

/** Messages between the members of `Crew` and the person, as the log of a real store keeps them, and who hears them. */
async function stage() {
  const store = inThisThread(new SqliteEngine(join(temporaryFolder(), 'agency.db')))
  onTestFinished(() => store[Symbol.asyncDispose]())
  const roster = new Roster(store)
  const agents = ['a', 'b'].map(name => ({ name }))
  roster.definitions.set('Crew', definitionSchema.parse({ name: 'Crew', coordinator: { name: 'lead' }, agents }))
  for (const name of ['lead', 'a', 'b'])
    roster.agents.set(`Crew/${name}`, {
      ...{ address: `Crew/${name}`, agency: 'Crew', name, isCoordinator: name === 'lead' },
    } as never)
  const board = new TaskBoard(store)
  const settings = parseSettings('', 'agency.yaml')
  const listener = new Listener({ store, roster, board, settings, log: silentLog() } as unknown as TaskParts)
  const say = async (from: string, to: string, body: string, rest: Partial<Message> = {}): Promise<Id> => {
    const said = message({ id: newId(), from, to, body, ...readPrefix(body), ...rest })
    await store.accept(said, [{ to, kind: 'direct' }])
    await listener.tick()
    return said.id
  }
  const state = async (label: string) => (await store.findTask(label))?.state
  /** A task of Crew/a that waits for an answer; returns what asked. */
  const ask = async (label: string, from = 'Crew/lead') => {
    await say(from, 'Crew/a', `${label}: its part`)
    const asked = await say('Crew/a', from, `BLOCKED a: ${label}: which port?`)
    expect(await state(label)).toBe('awaiting-input')
    return asked
  }
  return { say, ask, state }
}

it('R-TSK-1 a note, a notice, or how things stand lets no task go on that waits for an answer, whoever says it', async () => {
  const { say, ask, state } = await stage()
  const asked = await ask('TASK-1')
  const other = await say('Crew/a', 'human', 'STATUS a: started')
  for (const from of ['Crew/lead', 'human']) {
    await say(from, 'Crew/a', 'the build is slow today')
    await say(from, 'Crew/a', 'main is frozen', { type: 'notice', label: 'TASK-1' })
    await say(from, 'Crew/a', 'STATUS: I am asking around', { replyTo: asked })
    await say(from, 'Crew/a', 'QUESTION: which one did you try?', { replyTo: asked })
    await say(from, 'Crew/a', 'TASK-2: other work')
    await say(from, 'Crew/a', 'thank you', { replyTo: other })
    await say(from, 'Crew/a', 'ANSWER: 8080', { type: 'ANSWER', label: 'TASK-9' })
  }
  await say('Crew/b', 'Crew/a', 'ANSWER: I guess 8080')
  await say('Crew/b', 'Crew/a', 'I guess 8080', { replyTo: asked })
  expect(await state('TASK-1')).toBe('awaiting-input')
})

it.each<readonly [string, string, Partial<Message>, isReply: boolean]>([
  ['a reply in plain words', '8080', {}, true],
  ['a reply of the person', '8080', { from: 'human' }, true],
  ['a reply that tells of something done', 'COMPLETE lead: it is open now', {}, true],
  ['a reply with a payload', '8080', { type: 'response' }, true],
  ['an ANSWER', 'ANSWER lead: 8080', {}, false],
  ['an ANSWER with its label', 'ANSWER lead: TASK-1: 8080', {}, false],
  ['words under its label', 'TASK-1: take 8080', {}, false],
])('R-BUS-1 R-TSK-1 %s lets the task go on', async (_, body, rest, isReply) => {
  const { say, ask, state } = await stage()
  const asked = await ask('TASK-1')
  await say(rest.from ?? 'Crew/lead', 'Crew/a', body, { ...rest, ...(isReply ? { replyTo: asked } : {}) })
  expect(await state('TASK-1')).toBe('running')
})

it('R-BUS-1 R-TSK-1 of several that wait, the one goes on whose question is replied to; asked again, either reply counts', async () => {
  const { say, ask, state } = await stage()
  const asked = await ask('TASK-1')
  await ask('TASK-2')
  await say('Crew/lead', 'Crew/a', '8080', { replyTo: asked })
  expect([await state('TASK-1'), await state('TASK-2')]).toEqual(['running', 'awaiting-input'])
  const again = await say('Crew/a', 'Crew/lead', 'BLOCKED a: TASK-2: I still do not know')
  await say('Crew/lead', 'Crew/a', '9090', { replyTo: again })
  expect(await state('TASK-2')).toBe('running')
  // What it asked beside it is answered by an ANSWER, and by no other words.
  await ask('TASK-3')
  const question = await say('Crew/a', 'Crew/lead', 'QUESTION from a: TASK-3: is it the port of the proxy?')
  await say('Crew/lead', 'Crew/a', 'let me see', { replyTo: question })
  expect(await state('TASK-3')).toBe('awaiting-input')
  await say('Crew/lead', 'Crew/a', 'it is', { type: 'ANSWER', replyTo: question })
  expect(await state('TASK-3')).toBe('running')
})
