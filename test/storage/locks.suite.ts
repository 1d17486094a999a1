/** What every engine of the store must do with locks. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Id } from '../../src/kernel/ids.ts'
import { type Asked, type Lease, untilOf } from '../../src/model/lock.ts'
import { canonicalSet, type Resource } from '../../src/model/resource.ts'
import type { Store } from '../../src/storage/store.ts'

const NOW = 1_800_000_000_000
const name = (path: string): Resource => ({ space: 'name', kind: 'name', path })

export function locksSuite(engine: string, open: () => Promise<Store>): void {
  describe(`locks in ${engine}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store[Symbol.asyncDispose]())

    function acquire(
      owner: string,
      resources: readonly Resource[],
      more: Partial<Asked> & { waitMs?: number; now?: number } = {},
    ) {
      const { waitMs = 0, now = NOW, ...rest } = more
      const set = canonicalSet(resources)
      return store.acquireLock(
        { owner, mode: 'exclusive', resources: set, ttlMs: 60_000, why: undefined, ...rest },
        { now, waitMs },
      )
    }
    async function lease(...args: Parameters<typeof acquire>): Promise<Lease> {
      const outcome = await acquire(...args)
      if (outcome.kind !== 'granted') throw new Error(`it is ${outcome.kind}`)
      return outcome.lease
    }
    const end = (id: Id, owner: string, now = NOW) =>
      store.endLock(id, { event: 'release', by: owner, owner, reason: 'done', now })

    it('R-LCK-2 are all of a set or none, and name what is in the way', async () => {
      const first = await lease('Code/a', [name('x')])
      const refused = await acquire('Code/b', [name('w'), name('x')])
      expect(refused).toMatchObject({ kind: 'held', by: [{ lock: { id: first.id }, on: name('x') }] })
      expect(await store.locks(NOW)).toEqual([first])
      expect(await acquire('Code/c', [name('w')])).toMatchObject({ kind: 'granted', isAgain: false })
    })

    it('R-LCK-1 are found by id, short id and by what they are on, while they last', async () => {
      const held = await lease('Code/a', [name('x'), name('y')])
      for (const key of [held.id, held.id.slice(-8)]) expect(await store.findLock(key, NOW)).toEqual(held)
      expect(await store.locksOn([name('y')], NOW)).toEqual([{ lock: held, on: name('y') }])
      for (const late of [untilOf(held), untilOf(held) + 1]) {
        expect(await store.findLock(held.id, late)).toBeUndefined()
        expect(await store.locksOn([name('y')], late)).toEqual([])
        expect(await store.locks(late)).toEqual([])
      }
    })

    it('R-LCK-1 are given back and extended by their owner alone', async () => {
      const held = await lease('Code/a', [name('x')])
      expect((await end(held.id, 'Code/b')).ended).toBeUndefined()
      const change = { ttlMs: 90_000, now: NOW }
      expect((await store.extendLock(held.id, { ...change, owner: 'Code/b' })).lease).toBeUndefined()
      expect((await store.extendLock(held.id, { ...change, owner: 'Code/a' })).lease?.expiresAt).toBe(NOW + 90_000)
      expect((await end(held.id, 'Code/a')).ended?.id).toBe(held.id)
      expect((await end(held.id, 'Code/a')).ended).toBeUndefined()
    })

    it('R-LCK-2 that wait are let through by whatever clears their way, and told of with it', async () => {
      const held = await lease('Code/a', [name('x')])
      const wait = await acquire('Code/b', [name('x')], { waitMs: 5_000 })
      if (wait.kind !== 'waiting') throw new Error(wait.kind)
      const { granted } = await end(held.id, 'Code/a')
      expect(granted).toMatchObject([{ id: wait.wait.id, owner: 'Code/b', fence: held.fence + 1 }])
      const over = await store.sweepLocks({ now: NOW + 60_000, isStart: false, untold: [] })
      expect(over.ended.map(({ id }) => id)).toEqual([wait.wait.id])
    })

    it('R-LCK-1 remember the greatest time they have seen', async () => {
      await lease('Code/a', [name('x')], { now: NOW + 1_000 })
      expect(await store.lockTime()).toBe(NOW + 1_000)
      await store.sweepLocks({ now: NOW + 20_000, isStart: false, untold: [] })
      expect(await store.lockTime()).toBe(NOW + 20_000)
      expect((await lease('Code/b', [name('y')], { now: NOW })).since).toBe(NOW + 20_000)
    })

    it('R-LCK-1 asked for all at once, go to one', async () => {
      const asked = await Promise.all(Array.from({ length: 20 }, (_, which) => acquire(`Code/a${which}`, [name('x')])))
      expect(asked.filter(({ kind }) => kind === 'granted')).toHaveLength(1)
    })
  })
}
