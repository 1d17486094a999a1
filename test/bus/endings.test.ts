import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Roster } from '../../src/agencies/roster.ts'
import { Endings } from '../../src/bus/endings.ts'
import { Ledger } from '../../src/bus/ledger.ts'
import type { Draft } from '../../src/bus/publish.ts'
import { Sweeper } from '../../src/bus/sweeper.ts'
import { parseSettings } from '../../src/config/settings.ts'
import { SqliteEngine } from '../../src/storage/sqlite/engine.ts'
import { inThisThread, temporaryFolder } from '../storage/sqlite/setup.ts'
import { message } from '../storage/store.suite.ts'

const NOW = 1_800_000_000_000

it('R-BUS-4 a sender hears that its message has expired, also when the daemon is killed in the moment in which it does', async () => {
  const store = inThisThread(new SqliteEngine(join(temporaryFolder(), 'agency.db')))
  onTestFinished(() => store[Symbol.asyncDispose]())
  const told: Draft[] = []
  const daemon = (publish: (caller: string, draft: Draft) => Promise<unknown>) => {
    const common = { roster: new Roster(store), settings: parseSettings('', 'agency.yaml'), clock: { now: () => NOW } }
    const ledger = new Ledger(store, () => {}, 1000)
    const endings = new Endings({ ...common, ledger, publish })
    return new Sweeper({ ...common, ledger, endings, router: {} as never })
  }
  const tell = async (_caller: string, draft: Draft) => void told.push(draft)
  const said = message({ from: 'human', expiresAt: NOW - 1 })
  const { deliveries } = await store.accept(said, [{ to: 'Code/a', kind: 'direct' }])
  await store.postpone(deliveries[0]!.id, NOW)
  await expect(daemon(() => Promise.reject(new Error('killed'))).tick()).rejects.toThrow('killed')
  expect((await store.find(said.id))?.deliveries).toMatchObject([{ state: 'expired' }])
  await daemon(tell).recover()
  expect(told).toMatchObject([{ to: 'human', payload: { about: said.id, state: 'expired' } }])
  await daemon(tell).recover()
  expect(told, 'once').toHaveLength(1)
})
