import { join } from 'node:path'
import { expect, it } from 'vitest'
import { AgencyError } from '../../src/kernel/errors.ts'
import { Locks } from '../../src/locks/locks.ts'
import { openThroughWorker, temporaryFolder } from '../storage/sqlite/setup.ts'

const OWNERS = 12
const ROUNDS = 15
const NAMES = ['a', 'b', 'c', 'd', 'e']

it('R-LCK-1 R-LCK-2 a crowd that takes several at once, behind the worker: never two on one thing, everybody gets every turn, circles cost one', async () => {
  await using store = await openThroughWorker(join(temporaryFolder(), 'agency.db'))
  const locks = new Locks({ store, clock: { now: Date.now }, publish: async () => {} })
  const inside = new Map<string, string>()
  const turns = new Map<string, number>()
  const fences: number[] = []
  let victims = 0

  async function take(owner: string, names: readonly string[]) {
    const request = {
      names: names.map(name => `name:${name}`),
      cwd: '/',
      mode: 'exclusive',
      ttlMs: 60_000,
      waitMs: 30_000,
    } as const
    const { lease } = await locks.acquire(owner, request, {
      signal: new AbortController().signal,
      tell: () => {},
    })
    for (const name of names) {
      expect(inside.get(name), `${name} has two`).toBeUndefined()
      inside.set(name, owner)
    }
    fences.push(lease.fence)
    return async () => {
      for (const name of names) inside.delete(name)
      await locks.release(owner, { names: [lease.id], cwd: '/' })
    }
  }

  async function work(owner: string, which: number): Promise<void> {
    for (let round = 0; round < ROUNDS; ) {
      const [first, second] = [NAMES[(which + round) % 5]!, NAMES[(which * 3 + round * 2 + 1) % 5]!]
      const give = await take(owner, [first])
      try {
        // One after the other, and so in circles now and then.
        if (second !== first) await (await take(owner, [second]))()
        round++
        turns.set(owner, round)
      } catch (error) {
        if (!(error instanceof AgencyError) || error.code !== 'CONFLICT') throw error
        victims++
      } finally {
        await give()
      }
    }
  }

  await Promise.all(Array.from({ length: OWNERS }, (_, which) => work(`Code/agent-${which}`, which)))
  expect([...turns.values()]).toEqual(Array.from({ length: OWNERS }, () => ROUNDS))
  expect(new Set(fences).size).toBe(fences.length)
  expect(victims).toBeGreaterThan(0)
  expect(await locks.list()).toEqual([])
  expect(await store.check()).toEqual([])
}, 60_000)
