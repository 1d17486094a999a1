import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { Roster } from '../../src/agencies/roster.ts'
import { until } from '../../src/kernel/abort.ts'
import { newId } from '../../src/kernel/ids.ts'
import { Audit } from '../../src/log/audit.ts'
import type { Unit, UnitDraft } from '../../src/model/unit.ts'
import { SqliteEngine } from '../../src/storage/sqlite/engine.ts'
import type { Store } from '../../src/storage/store.ts'
import { inThisThread, temporaryFolder } from '../storage/sqlite/setup.ts'

const NOW = 1_800_000_000_000
const MANY = 23_000

let engine: SqliteEngine
let store: Store
let audit: Audit
beforeEach(() => {
  engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
  store = inThisThread(engine)
  audit = new Audit({ store, roster: new Roster(store) })
})

function unit(number: number, changes: Partial<UnitDraft> = {}): UnitDraft {
  const what = { context: 'Code', agent: 'Code/a', type: 'decision', subject: 's' } as const
  return { id: newId(), ...what, at: NOW + number, metadata: {}, payload: `no. ${number}.`, relations: [], ...changes }
}

function write(from: number, to: number): void {
  engine.connection.change(() => {
    for (let number = from; number <= to; number++) engine.store.append(unit(number))
  })
  // Written behind the back of the store that the audit looks at: it hears of one more change.
  void store.mark('written', String(to))
}

const seqs = (units: readonly Unit[]) => units.map(({ seq }) => seq)

it('R-TSK-5 a rare unit is found however far back, and the last of common ones without looking further', async () => {
  write(1, MANY)
  expect(seqs(await audit.last({ text: 'no. 7.' }, 5))).toEqual([7])
  expect(seqs(await audit.last({}, 2))).toEqual([MANY - 1, MANY])
  expect(seqs(await audit.last({ sinceMs: NOW + 5, untilMs: NOW + 8, text: 'no. 7.' }, 5))).toEqual([7])
  expect(seqs(await audit.last({ sinceMs: NOW + 8, text: 'no. 7.' }, 5))).toEqual([])
  expect(seqs(await audit.last({ text: 'no. 1' }, 3))).toEqual([19_997, 19_998, 19_999])
})

it('R-LOG-8 everything is read once and in order, up to what was the last at the beginning', async () => {
  write(1, MANY)
  const read: number[] = []
  for await (const { seq } of audit.all({}, new AbortController().signal)) {
    if (read.push(seq) === 1) write(MANY + 1, MANY + 50)
  }
  expect(read).toEqual(Array.from({ length: MANY }, (_, index) => index + 1))
})

it('R-TSK-5 a follower gets the last ones and then each new one, none missed or repeated, however they come', async () => {
  write(1, 30)
  const end = new AbortController()
  const heard: number[] = []
  const following = (async () => {
    for await (const { seq } of audit.follow({}, 10, end.signal)) {
      heard.push(seq)
      // Written while it reads, and while it waits.
      if (seq % 40 === 0 && seq < 400) write(seq + 1, seq + 300)
    }
  })()
  await until(() => heard.length === 10, { timeoutMs: 5000 })
  write(31, 250)
  const total = engine.store.unitSpan({})!.last
  await until(() => heard.at(-1)! >= total && heard.at(-1) === engine.store.unitSpan({})!.last, { timeoutMs: 5000 })
  end.abort()
  await following
  expect(heard[0]).toBe(21)
  expect(heard).toEqual(Array.from({ length: heard.length }, (_, index) => index + 21))
  expect(heard.length).toBeGreaterThan(300)
})

it('R-TSK-5 a name that never was is not found, and one that was removed still is', async () => {
  engine.store.append(unit(1, { agent: 'Gone/b', context: 'Gone' }))
  expect(await audit.filterOf({ agent: 'Gone/b' })).toEqual({ about: 'Gone/b' })
  expect(await audit.filterOf({ agency: 'Gone' })).toEqual({ agency: 'Gone' })
  expect(await audit.filterOf({ agent: 'human' })).toEqual({ about: 'human' })
  await expect(audit.filterOf({ agency: 'Never' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(audit.filterOf({ agent: 'Never/x' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(audit.filterOf({ task: 'TASK-0' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
