import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import type { Id } from '../../src/kernel/ids.ts'
import { lockFindings } from '../../src/locks/findings.ts'
import { Locks } from '../../src/locks/locks.ts'
import type { LockMode } from '../../src/model/lock.ts'
import { SqliteEngine } from '../../src/storage/sqlite/engine.ts'
import { inThisThread, temporaryFolder } from '../storage/sqlite/setup.ts'

function feature() {
  const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
  const time = { now: 1_800_000_000_000 }
  const said: { to: string; body: string }[] = []
  const locks = new Locks({
    store: inThisThread(engine),
    clock: { now: () => time.now },
    publish: async (_caller, draft) => void said.push(draft),
  })
  onTestFinished(() => engine.close())
  const acquire = (
    owner: string,
    name: string,
    more: { waitMs?: number; mode?: LockMode; signal?: AbortSignal } = {},
  ) => {
    const { signal = new AbortController().signal, mode = 'exclusive', waitMs = 0 } = more
    const request = { names: [`name:${name}`], cwd: '/', mode, ttlMs: 60_000, waitMs }
    return locks.acquire(owner, request, { signal, tell: () => {} })
  }
  const waits = (count: number) =>
    until(async () => (await locks.list()).filter(({ state }) => state === 'waiting').length === count, {
      timeoutMs: 5_000,
    })
  const target = (name: string) => ({ names: [`name:${name}`], cwd: '/' })
  return { engine, locks, time, said, acquire, waits, target }
}

it('R-LCK-2 a sweep tells whoever waits that they have it, also when the grant itself was told to nobody', async () => {
  const { engine, locks, acquire, waits } = feature()
  await acquire('Code/a', 'x')
  const waiting = acquire('Code/b', 'x', { waitMs: 60_000 })
  await waits(1)
  engine.store.removeAgent('Code/a', 1, 'gone')
  await locks.tick()
  expect(await waiting).toMatchObject({ lease: { owner: 'Code/b', state: 'held' } })
})

it('R-LCK-1 a tick is due when a lease may be over, soon while somebody waits, and never while nothing is held', async () => {
  const { locks, acquire, waits, time, target } = feature()
  await locks.tick()
  expect(locks.dueInMs).toBe(Number.POSITIVE_INFINITY)
  await acquire('Code/a', 'x')
  // The time is written down now and then while something is held.
  expect(locks.dueInMs).toBeGreaterThan(0)
  expect(locks.dueInMs).toBeLessThanOrEqual(5_000)
  time.now += 58_000
  await locks.tick()
  expect(locks.dueInMs, 'its time is over then').toBe(2_000)
  const waiting = acquire('Code/b', 'x', { waitMs: 600_000 })
  await waits(1)
  expect(locks.dueInMs).toBeLessThanOrEqual(500)
  await locks.release('Code/a', target('x'))
  await waiting
  await locks.release('Code/b', target('x'))
  time.now += 5_000
  await locks.tick()
  expect(locks.dueInMs).toBe(Number.POSITIVE_INFINITY)
})

it('R-LCK-1 what is over ends by the sweep alone, and the next in line has it', async () => {
  const { locks, acquire, waits, time } = feature()
  await acquire('Code/a', 'x')
  const waiting = acquire('Code/b', 'x', { waitMs: 600_000 })
  await waits(1)
  time.now += 60_000
  await locks.tick()
  expect(await waiting).toMatchObject({ lease: { since: time.now, expiresAt: time.now + 60_000, fence: 2 } })
})

it('R-LCK-2 what is granted to one who has gone in that moment is given back, and is on record', async () => {
  const { engine, locks, acquire, waits } = feature()
  const first = await acquire('Code/a', 'x')
  const leaving = new AbortController()
  const waiting = acquire('Code/b', 'x', { waitMs: 60_000, signal: leaving.signal })
  await waits(1)
  const { id } = (await locks.list()).find(({ state }) => state === 'waiting')!
  // Granted in the store, and the one who waits goes before it is told.
  engine.store.endLock(first.lease.id, { event: 'release', by: 'Code/a', reason: '', now: 0 })
  leaving.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'TIMED_OUT' })
  expect(await locks.list()).toEqual([])
  const told = engine.store.units({ subject: id }, 10).map(({ metadata }) => metadata['event'])
  expect(told).toEqual(['wait', 'grant', 'release'])
})

it('R-LCK-1 a wait that the person ends is told as that; a broken lease is told to its owner', async () => {
  const { locks, acquire, waits, said, target } = feature()
  await acquire('human', 'x')
  const waiting = acquire('Code/b', 'x', { waitMs: 60_000 })
  await waits(1)
  const { id } = (await locks.list()).find(({ state }) => state === 'waiting')!
  const refused = expect(waiting).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('not now'),
  })
  await locks.break('human', { names: [id], cwd: '/' }, 'not now')
  await refused
  await locks.break('human', target('x'), 'mine')
  expect(said).toMatchObject([
    { to: 'Code/b', body: expect.stringContaining('Your wait on name:x was ended: not now') },
  ])
})

it('R-LCK-1 the check of an effect knows a lease by its number', async () => {
  const { locks, acquire, time } = feature()
  const { lease } = await acquire('Code/a', 'x')
  const check = (owner: string, fence?: number) => locks.check(lease.resources, owner, fence)
  expect(await check('Code/a', lease.fence)).toEqual({ held: [], stale: [] })
  expect(await check('Code/a', lease.fence + 1)).toMatchObject({ held: [], stale: lease.resources })
  expect(await check('Code/b')).toMatchObject({ held: [{ lock: { id: lease.id } }], stale: [] })
  time.now += 60_000
  expect(await check('Code/a', lease.fence)).toMatchObject({ held: [], stale: lease.resources })
  expect(await check('Code/b')).toEqual({ held: [], stale: [] })
})

it('R-ALL-3 doctor tells of waits of more than a minute', async () => {
  const { locks, acquire, waits, time, target } = feature()
  await acquire('Code/a', 'x')
  const waiting = acquire('Code/b', 'x', { waitMs: 600_000 })
  await waits(1)
  const findings = async () => lockFindings(await locks.list(), time.now, () => false)
  expect(await findings()).toEqual([])
  await locks.extend('Code/a', target('x'), 600_000)
  time.now += 61_000
  expect(await findings()).toMatchObject([{ what: 'Code/b has waited 61 s for the lock on name:x' }])
  await locks.release('Code/a', target('x'))
  await waiting
})

it('R-LCK-1 what was to be a file may be given back when it has become a folder', async () => {
  const { locks } = feature()
  const cwd = temporaryFolder()
  const { signal } = new AbortController()
  const request = { names: ['new'], cwd, mode: 'exclusive', ttlMs: 60_000, waitMs: 0 } as const
  const { lease } = await locks.acquire('Code/a', request, { signal, tell: () => {} })
  const released: { id: Id } = await locks.release('Code/a', { names: ['new/'], cwd })
  expect(released.id).toBe(lease.id)
})
