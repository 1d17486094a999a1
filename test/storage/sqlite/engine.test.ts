import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AgencyError } from '../../../src/kernel/errors.ts'
import { openSqliteStore } from '../../../src/storage/sqlite/client.ts'
import { SqliteEngine } from '../../../src/storage/sqlite/engine.ts'
import type { Call } from '../../../src/storage/sqlite/protocol.ts'
import { message } from '../store.suite.ts'
import { plansOf } from './plans.ts'
import { openThroughWorker, temporaryFolder } from './setup.ts'

function open(): SqliteEngine {
  return new SqliteEngine(join(temporaryFolder(), 'agency.db'))
}

function accept(said = message()): Call {
  return { method: 'accept', args: [said, [{ to: 'Code/a', kind: 'direct' }]] }
}

describe('a batch of calls', () => {
  it('R-BUS-4 is one commit in which one that fails harms no other', () => {
    const engine = open()
    const said = message()
    const thief: Call = accept({ ...said, from: 'Code/thief' })
    // Fails after it has written the message, by a recipient that no table takes.
    const late: Call = { method: 'accept', args: [message(), [{ to: null, kind: 'direct' }]] }
    const outcomes = engine.batch([accept(said), thief, late, accept()])
    expect(outcomes.map(outcome => 'error' in outcome)).toEqual([false, true, true, false])
    expect(engine.store.messages({}, 9)).toHaveLength(2)
    expect(engine.store.units({}, 9).map(({ contextSeq }) => contextSeq)).toEqual([1, 2, 3, 4])
    expect(engine.store.check()).toEqual([])
    engine.close()
  })

  it('R-LOG-6 fails as a whole when the disk is full, and the next passes when there is space', () => {
    const engine = open()
    const { connection } = engine
    const pages = connection.value('pragma page_count')
    connection.execute(`pragma max_page_count = ${pages}`)
    const large = accept(message({ body: 'x'.repeat(100_000) }))
    const outcomes = engine.batch([accept(), large])
    expect(outcomes).toMatchObject([{ error: { code: 'DISK' } }, { error: { code: 'DISK' } }])
    expect(engine.store.messages({}, 9)).toEqual([])
    connection.execute('pragma max_page_count = 1000000')
    expect('value' in engine.batch([large])[0]!).toBe(true)
    expect(engine.store.check()).toEqual([])
    engine.close()
  })

  it('R-LOG-1 cannot change or delete a work unit', () => {
    const engine = open()
    engine.batch([accept()])
    const { connection } = engine
    expect(() => connection.execute(`update units set agent = 'x'`)).toThrow('append-only')
    expect(() => connection.execute('delete from units where seq = 2')).toThrow('append-only')
    engine.close()
  })

  it('finds what contradicts the log', () => {
    const engine = open()
    engine.batch([accept()])
    const { connection } = engine
    connection.execute(`update deliveries set state = 'claimed'`)
    connection.execute('drop trigger units_are_never_changed')
    connection.execute('update units set context_seq = 5 where seq = 2')
    expect(engine.store.check()).toEqual([
      expect.stringContaining('numbered 1 to 5'),
      expect.stringContaining('out of order'),
      expect.stringContaining('its last work unit says queued'),
    ])
    engine.close()
  })

  it('keeps its speed with a long history', () => {
    const engine = open()
    const plans = plansOf(engine.connection, () => {
      engine.store.next('Code/a', 1)
      engine.store.claim('Code/a', 1, 1)
      engine.store.due(1, 1)
      engine.store.waiting()
    })
    expect(plans).toHaveLength(4)
    for (const { plan } of plans) {
      expect(plan).toMatch(/USING (COVERING )?INDEX deliveries_(open|due)/)
      expect(plan).not.toMatch(/SCAN d$|TEMP B-TREE FOR ORDER BY/m)
    }
    engine.close()
  })
})

describe('the client', () => {
  it('answers everything that was asked before it was closed, and nothing after', async () => {
    const store = await openThroughWorker(join(temporaryFolder(), 'agency.db'))
    const asked = Promise.all(Array.from({ length: 50 }, () => store.accept(message(), [])))
    await store[Symbol.asyncDispose]()
    expect(await asked).toHaveLength(50)
    await expect(store.marked('x')).rejects.toMatchObject({ code: 'NO_DAEMON' })
    await store[Symbol.asyncDispose]()
  })

  it('R-LOG-6 tells once when its worker ends by itself, and never when it was closed', async () => {
    const folder = temporaryFolder()
    const workerFile = join(folder, 'worker.mjs')
    const serve = (answer: string) =>
      `import { parentPort } from 'node:worker_threads'
       parentPort.postMessage({ opened: true })
       parentPort.on('message', () => { ${answer} })`
    const lost: AgencyError[] = []
    const open = async (answer: string) => {
      await writeFile(workerFile, serve(answer))
      return openSqliteStore({ file: join(folder, 'none.db'), workerFile, onLost: error => lost.push(error) })
    }
    const closed = await open('parentPort.close()')
    await closed[Symbol.asyncDispose]()
    expect(lost).toEqual([])
    const broken = await open(`throw new Error('out of memory')`)
    const refused = await Promise.allSettled([broken.marked('x'), broken.marked('y')])
    await expect(broken.marked('z')).rejects.toThrow('out of memory')
    expect(refused).toMatchObject([{ reason: { code: 'DISK' } }, { reason: { code: 'DISK' } }])
    await broken[Symbol.asyncDispose]()
    expect(lost).toMatchObject([{ code: 'DISK', message: expect.stringContaining('out of memory') }])
  })

  it('R-BUS-4 what cannot be sent to the worker is refused by itself, and what was asked beside it is done', async () => {
    const store = await openThroughWorker(join(temporaryFolder(), 'agency.db'))
    try {
      const payload = JSON.parse(`{"type":"notice","more":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)
      const [deep, plain] = await Promise.allSettled([
        store.accept(message({ payload }), [{ to: 'human', kind: 'direct' }]),
        store.accept(message({}), [{ to: 'human', kind: 'direct' }]),
      ])
      expect(deep.status).toBe('rejected')
      expect(plain.status).toBe('fulfilled')
    } finally {
      await store[Symbol.asyncDispose]()
    }
  })
})
