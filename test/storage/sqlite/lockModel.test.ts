import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Id } from '../../../src/kernel/ids.ts'
import type { Lock } from '../../../src/model/lock.ts'
import { canonicalSet, type Resource } from '../../../src/model/resource.ts'
import { SqliteEngine } from '../../../src/storage/sqlite/engine.ts'
import { type LockStep, lockStep } from '../../model/lockSteps.ts'
import { asked, World } from '../../model/lockWorld.ts'
import { temporaryFolder } from './setup.ts'

/** The store beside the world of the model, in which every lock is looked at for every question. */
class Beside {
  readonly world = new World()
  readonly #engine: SqliteEngine
  /** The world's id of each lock of the store. */
  readonly #ids = new Map<string, Id>()

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  take(step: LockStep): void {
    const { world } = this
    const { store } = this.#engine
    if (step.do === 'ask') {
      const there = store.acquireLock(asked(step), { now: world.now, waitMs: step.waitMs })
      const here = world.ask(step)
      expect(there.kind).toBe(here.kind)
      if (there.kind === 'granted') this.#ids.set(here.lock!.id, there.lease.id)
      if (there.kind === 'waiting') this.#ids.set(here.lock!.id, there.wait.id)
      return
    }
    if (step.do === 'pass') {
      world.now += Math.max(0, step.ms)
      // A clock that has gone back is not believed.
      store.sweepLocks({ now: world.now + Math.min(0, step.ms), isStart: false, untold: [] })
      store.sweepLocks({ now: world.now, isStart: false, untold: [] })
      world.sweep()
      return
    }
    const lock = world.open()[step.which]
    if (!lock) return
    const id = this.#ids.get(lock.id)!
    const { owner } = lock
    if (step.do === 'extend') {
      const { lease } = store.extendLock(id, { owner, ttlMs: step.ttlMs, now: world.now })
      expect(lease !== undefined).toBe(lock.state === 'held')
      world.extend(lock, step.ttlMs)
      return
    }
    const event = lock.state === 'held' ? 'release' : 'withdraw'
    const foreign = store.endLock(id, { event, by: owner, owner: 'Code/nobody', reason: 'r', now: world.now })
    expect(foreign.ended).toBeUndefined()
    const { ended } = store.endLock(id, { event, by: owner, owner, reason: 'done', now: world.now })
    expect(ended?.id).toBe(id)
    world.end(lock)
  }

  compare(): void {
    const open = this.#engine.store.locks(this.world.now)
    const expected = this.world.open().map(lock => ({ ...plain(lock), id: this.#ids.get(lock.id) }))
    expect(open.map(plain)).toEqual(expected)
  }
}

/** Numbers of the workspace's order apart: other things have numbers there as well. */
function plain({ seq: _, ...lock }: Lock): object {
  return lock
}

describe('random lives of locks', () => {
  it('R-LCK-1 R-LCK-2 [44 to 50] are in the store what the model says', () => {
    const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
    const { connection } = engine
    fc.assert(
      fc.property(fc.array(lockStep, { minLength: 5, maxLength: 50 }), steps => {
        connection.execute('savepoint life')
        try {
          const beside = new Beside(engine)
          for (const each of steps) {
            beside.take(each)
            beside.compare()
          }
          beside.world.check()
          expect(engine.store.check()).toEqual([])
        } finally {
          connection.execute('rollback to life; release life')
        }
      }),
      { numRuns: 250 },
    )
    engine.close()
  })
})

const NOW = 1_800_000_000_000
const file = (path: string): Resource => ({ space: 'git:/repo/.git', kind: 'file', path })
const name = (path: string): Resource => ({ space: 'name', kind: 'name', path })

function take(engine: SqliteEngine, owner: string, resources: readonly Resource[], more: object = {}) {
  const options = { mode: 'exclusive' as const, ttlMs: 60_000, waitMs: 0, now: NOW, ...more }
  const { mode, ttlMs, waitMs, now } = options
  return engine.store.acquireLock({ owner, mode, resources, ttlMs, why: 'a test' }, { now, waitMs })
}

function granted(outcome: ReturnType<typeof take>) {
  if (outcome.kind !== 'granted') throw new Error(`it is ${outcome.kind}`)
  return outcome.lease
}

describe('locks in the store', () => {
  it('R-LCK-1 [46] a fencing number is never given twice: not after a release, an expiry, or another opening of the file', () => {
    const path = join(temporaryFolder(), 'agency.db')
    let engine = new SqliteEngine(path)
    const first = granted(take(engine, 'Code/a', [name('x')]))
    engine.store.endLock(first.id, { event: 'release', by: 'Code/a', reason: '', now: NOW })
    const second = granted(take(engine, 'Code/b', [name('x')], { ttlMs: 10 }))
    engine.store.sweepLocks({ now: NOW + 20, isStart: false, untold: [] })
    engine.close()
    engine = new SqliteEngine(path)
    const third = granted(take(engine, 'Code/c', [name('x')], { now: NOW + 20 }))
    expect([first, second, third].map(({ fence }) => fence)).toEqual([1, 2, 3])
    engine.close()
  })

  it('R-LCK-1 [50] a clock that goes back neither prolongs a lease nor brings one back; one that jumps ahead ends it', () => {
    const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
    const lease = granted(take(engine, 'Code/a', [name('x')], { ttlMs: 1_000 }))
    engine.store.sweepLocks({ now: NOW + 3_600_000, isStart: false, untold: [] })
    expect(engine.store.locks(NOW)).toEqual([])
    const other = granted(take(engine, 'Code/b', [name('x')], { now: NOW - 5_000, ttlMs: 1_000 }))
    expect(other.expiresAt).toBe(NOW + 3_601_000)
    expect(engine.store.extendLock(lease.id, { owner: 'Code/a', ttlMs: 1_000, now: NOW }).lease).toBeUndefined()
    engine.close()
  })

  it('R-LCK-1 R-LOG-1 every grant, wait, extension and end is a work unit, and so is the victim of a circle', () => {
    const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
    const one = granted(take(engine, 'Code/a', [name('x')]))
    granted(take(engine, 'Code/b', [name('y')]))
    engine.store.extendLock(one.id, { owner: 'Code/a', ttlMs: 90_000, now: NOW })
    take(engine, 'Code/a', [name('y')], { waitMs: 5_000 })
    expect(take(engine, 'Code/b', [name('x')], { waitMs: 5_000 })).toMatchObject({ kind: 'deadlock' })
    engine.store.endLock(one.id, { event: 'break', by: 'human', reason: 'it hangs', now: NOW })
    engine.store.sweepLocks({ now: NOW + 5_000, isStart: false, untold: [] })
    engine.store.sweepLocks({ now: NOW + 60_000, isStart: false, untold: [] })
    const told = engine.store.units({ context: 'Code' }, 100).map(({ agent, metadata }) => [metadata['event'], agent])
    expect(told).toEqual([
      ['grant', 'Code/a'],
      ['grant', 'Code/b'],
      ['extend', 'Code/a'],
      ['wait', 'Code/a'],
      ['refuse', 'system'],
      ['break', 'human'],
      ['withdraw', 'system'],
      ['expire', 'system'],
    ])
    const grant = engine.store.units({ subject: one.id }, 1)[0]!
    expect(grant).toMatchObject({
      type: 'lock',
      payload: 'name//x',
      metadata: { fence: 1, mode: 'exclusive', why: 'a test' },
    })
    engine.close()
  })

  it('R-LCK-1 what an agent holds ends when it is removed, and whoever waited for it goes on', () => {
    const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
    granted(take(engine, 'Code/a', [name('x')]))
    const outcome = take(engine, 'human', [name('x')], { waitMs: 5_000 })
    if (outcome.kind !== 'waiting') throw new Error(outcome.kind)
    engine.store.removeAgent('Code/a', NOW, 'it was taken out')
    expect(engine.store.locks(NOW)).toMatchObject([{ id: outcome.wait.id, owner: 'human', state: 'held' }])
    const swept = engine.store.sweepLocks({ now: NOW, isStart: false, untold: [outcome.wait.id] })
    expect(swept.granted.map(({ id }) => id)).toEqual([outcome.wait.id])
    expect(engine.store.check()).toEqual([])
    engine.close()
  })

  it('R-LCK-2 nobody waits any more after a start of the daemon; what is held is held', () => {
    const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
    const lease = granted(take(engine, 'Code/a', [name('x')]))
    take(engine, 'Code/b', [name('x')], { waitMs: 5_000 })
    engine.store.sweepLocks({ now: NOW, isStart: true, untold: [] })
    expect(engine.store.locks(NOW)).toEqual([lease])
    engine.close()
  })

  it('R-LCK-2 ten thousand files in one request, against as many that are held, cost no square of anything', () => {
    // Some 40 ms and 500 ms alone.
    const [less, more] = [1_000, 10_000].map(howLong) as [number, number]
    expect(more).toBeLessThan(40 * less)
  })
})

/** Takes so many against as many that are held, and is refused as many. */
function howLong(count: number): number {
  const engine = new SqliteEngine(join(temporaryFolder(), 'agency.db'))
  const many = (folder: string) =>
    canonicalSet(Array.from({ length: count }, (_, index) => file(`${folder}/${index % 100}/file-${index}.ts`)))
  const start = performance.now()
  granted(take(engine, 'Code/a', many('src')))
  granted(take(engine, 'Code/b', many('test')))
  expect(take(engine, 'Code/c', many('src'))).toMatchObject({ kind: 'held' })
  const glob: Resource = { ...file(`**/*-${count - 1}.ts`), kind: 'glob' }
  expect(take(engine, 'Code/c', [glob])).toMatchObject({ kind: 'held' })
  expect(granted(take(engine, 'Code/a', many('src'))).fence).toBe(1)
  engine.close()
  return performance.now() - start
}
