/** Routes of locks: taken, kept, given back, broken, listed, and asked about before something is written. */
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { showLock } from '../../model/lockDocument.ts'
import { showResource } from '../../model/resource.ts'
import { none, type Route, route } from '../route.ts'

const DAY_MS = 86_400_000
// How many there may be is said by the feature, in words that name the way out.
const names = z.array(z.string()).min(1)
const cwd = z.string().refine(isAbsolute, 'is not a whole path')
const target = { names, cwd }
const ttlMs = z.number().min(1_000, 'a lease lasts at least 1 s').max(DAY_MS, 'a lease lasts at most 24 h')

export const lockRoutes: readonly Route[] = [
  route(
    'POST',
    '/v1/locks',
    z.strictObject({
      ...target,
      ttlMs,
      mode: z.enum(['exclusive', 'shared']).default('exclusive'),
      waitMs: z.number().min(0).max(3_600_000, 'a wait lasts at most 1 h').default(0),
      why: z.string().max(2_000).optional(),
    }),
    async ({ app, caller, input, signal, emit }) => {
      const tell = (progress: string) => void emit({ progress })
      const { lease, isAgain } = await app.locks.acquire(caller, input, { signal, tell })
      return { ...showLock(lease, app.locks.times()), ...(isAgain ? { again: true } : {}) }
    },
  ),
  route('GET', '/v1/locks', none, async ({ app }) => ({
    locks: (await app.locks.list()).map(lock => showLock(lock, app.locks.times())),
  })),
  route(
    'POST',
    '/v1/locks/release',
    z.union([z.strictObject(target), z.strictObject({ all: z.literal(true) })]),
    async ({ app, caller, input }) => {
      const ended = 'all' in input ? await app.locks.releaseAll(caller) : [await app.locks.release(caller, input)]
      return { released: ended.map(lock => showLock(lock, app.locks.times())) }
    },
  ),
  route('POST', '/v1/locks/extend', z.strictObject({ ...target, ttlMs }), async ({ app, caller, input }) => {
    const { ttlMs, ...named } = input
    return showLock(await app.locks.extend(caller, named, ttlMs), app.locks.times())
  }),
  route(
    'POST',
    '/v1/locks/break',
    z.strictObject({ ...target, reason: z.string().trim().min(1).max(2_000) }),
    async ({ app, caller, input }) => {
      const { reason, ...named } = input
      return showLock(await app.locks.break(caller, named, reason), app.locks.times())
    },
  ),
  route(
    'POST',
    '/v1/locks/check',
    z.strictObject({ ...target, fence: z.number().int().min(0).optional() }),
    async ({ app, caller, input }) => {
      const { held, stale } = await app.locks.checkNamed(caller, input)
      return {
        clear: held.length + stale.length === 0,
        held: held.map(({ lock, on }) => ({ on: showResource(on), lock: showLock(lock, app.locks.times()) })),
        stale: stale.map(showResource),
      }
    },
  ),
]
