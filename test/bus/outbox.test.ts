import { link, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Tokens } from '../../src/agencies/tokens.ts'
import { Outbox } from '../../src/bus/outbox.ts'
import type { Draft } from '../../src/bus/publish.ts'
import { workspaceAt } from '../../src/config/workspace.ts'
import { AgencyError } from '../../src/kernel/errors.ts'
import { newId } from '../../src/kernel/ids.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { MAX_BODY_BYTES } from '../../src/model/limits.ts'
import { temporaryFolder } from '../storage/sqlite/setup.ts'

/** The outbox on real folders; what is said ends here, and `onSay` may do something meanwhile. */
async function stage(onSay: (draft: Draft) => Promise<void> = async () => {}) {
  const root = temporaryFolder()
  const workspace = workspaceAt(root)
  const tokens = new Tokens(workspace)
  await tokens.load()
  const token = (await readFile(await tokens.ensure('Duo/a'), 'utf8')).trim()
  const said: string[] = []
  const told = new Map<string, string>()
  const send = async (caller: string, draft: Draft) => {
    if (caller === 'system') return void told.set(draft.idempotencyKey!, draft.body!)
    await onSay(draft)
    said.push(draft.body!)
  }
  const parts = { workspace, tokens, log: silentLog(), messages: { send, reply: send }, work: {} }
  const outbox = new Outbox(parts as unknown as ConstructorParameters<typeof Outbox>[0])
  await outbox.prepare()
  const path = (...of: string[]) => join(workspace.outbox, ...of)
  const drop = async (name: string, content: unknown) => {
    await writeFile(path('tmp', name), typeof content === 'string' ? content : JSON.stringify(content))
    await rename(path('tmp', name), path('new', name))
  }
  const rejected = async () => (await readdir(path('rejected'))).sort()
  const kept = async (name: string) => JSON.parse(await readFile(path('rejected', name), 'utf8')).file
  return { outbox, token, said, told, path, drop, rejected, kept }
}

const message = (body: string) => ({ id: newId(), to: 'Duo', body })

it('R-BUS-5 whatever is refused is kept beside what was refused under its name before, and its author is told of each', async () => {
  const { outbox, token, told, drop, rejected, kept } = await stage()
  for (const colour of ['red', 'green', 'blue']) {
    await drop('message.json', { ...message('x'), colour, token })
    await outbox.tick()
  }
  const names = await rejected()
  expect(names).toHaveLength(3)
  expect(names).toContain('message.json')
  expect((await Promise.all(names.map(kept))).map(({ colour }) => colour).sort()).toEqual(['blue', 'green', 'red'])
  expect([...told.values()].map(words => /rejected\/(\S+)$/.exec(words)?.[1]).sort()).toEqual(names)
  // What an isolated agent leaves lies in one folder with it.
  for (const body of ['one', 'two', 'two']) await outbox.takeLeft('Duo/a', { body, to: 7 })
  expect((await rejected()).filter(name => name.startsWith('Duo.a'))).toHaveLength(2)
  expect(told.size).toBe(5)
})

it('R-BUS-4 R-BUS-5 a daemon that dies before a refused file goes keeps it once, and tells of it once', async () => {
  const { outbox, token, told, path, drop, rejected } = await stage()
  await drop('message.json', { ...message('x'), colour: 'red', token })
  await link(path('new', 'message.json'), path('tmp', 'as it was'))
  await outbox.tick()
  await rename(path('tmp', 'as it was'), path('new', 'message.json'))
  await outbox.tick()
  expect([await rejected(), told.size]).toEqual([['message.json'], 1])
  // The same words once more are another try, and get another answer.
  await drop('message.json', { ...message('x'), colour: 'red', token })
  await outbox.tick()
  expect(told.size).toBe(2)
})

it('R-BUS-5 what comes under a name that is being taken in is another message, and is taken in after it', async () => {
  const later = ['two', 'three']
  const { outbox, said, drop, path } = await stage(async () => {
    const next = later.shift()
    if (next) await drop('message.json', message(next))
  })
  await drop('message.json', message('one'))
  for (let ticks = 0; ticks < 3; ticks++) await outbox.tick()
  expect(said).toEqual(['one', 'two', 'three'])
  // Also where the one before it is refused.
  const refusing = await stage(async ({ body }) => {
    if (body !== 'bad') return
    await refusing.drop('message.json', message('good'))
    throw new AgencyError('NOT_FOUND', 'there is no such agent')
  })
  await refusing.drop('message.json', message('bad'))
  for (let ticks = 0; ticks < 2; ticks++) await refusing.outbox.tick()
  expect([refusing.said, await refusing.rejected()]).toEqual([['good'], ['message.json']])
  for (const folder of ['tmp', 'new']) expect(await readdir(path(folder))).toEqual([])
})

it('R-BUS-5 what a daemon had moved aside when it died is taken in by the next', async () => {
  const { outbox, said, path } = await stage()
  await writeFile(path('tmp', `.taken-${newId()}`), JSON.stringify(message('aside')))
  await outbox.prepare()
  await outbox.tick()
  expect([said, await readdir(path('tmp'))]).toEqual([['aside'], []])
})

it('R-BUS-5 folders of one name, and what is too large to be read, are kept as they are, and nothing waits behind them', async () => {
  const { outbox, token, said, path, drop, rejected } = await stage()
  for (const inside of ['one', 'two']) {
    await mkdir(path('new', 'folder'))
    await writeFile(path('new', 'folder', inside), inside)
    await drop('~after.json', message(`after ${inside}`))
    await outbox.tick()
  }
  expect(said).toEqual(['after one', 'after two'])
  const originals = (await rejected()).filter(name => name.endsWith('.original'))
  const inside = await Promise.all(originals.map(name => readdir(path('rejected', name))))
  expect(inside.flat().sort()).toEqual(['one', 'two'])

  const large = `${'é'.repeat(MAX_BODY_BYTES - 5)}${token}${'z'.repeat(99)}`
  await drop('large.json', large)
  await outbox.tick()
  const whole = await readFile(path('rejected', 'large.json.original'), 'utf8')
  expect(whole === large.replace(token, '')).toBe(true)
  const words = 'no JSON '.repeat(20_000)
  await drop('words', words)
  await outbox.tick()
  expect(JSON.parse(await readFile(path('rejected', 'words.json'), 'utf8')).file === words).toBe(true)
  expect(await readdir(path('new'))).toEqual([])
})
