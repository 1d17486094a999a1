import { expect, it } from 'vitest'
import { Wakeup } from '../../src/kernel/abort.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { startLoop } from '../../src/kernel/loop.ts'

const LONG_MS = 60_000

/** How long a wait took, from its beginning. */
async function timed(wait: Promise<void>): Promise<number> {
  const begun = performance.now()
  await wait
  return performance.now() - begun
}

it('a wake ends a wait at once, or when the rest is over, and is remembered until the next one', async () => {
  const wakeup = new Wakeup()
  const waiting = timed(wakeup.wait(LONG_MS))
  wakeup.wake()
  expect(await waiting).toBeLessThan(1_000)
  const resting = timed(wakeup.wait(LONG_MS, undefined, 200))
  wakeup.wake()
  wakeup.wake()
  expect(await resting).toBeGreaterThanOrEqual(195)
  wakeup.wake()
  expect(await timed(wakeup.wait(LONG_MS))).toBeLessThan(1_000)
  wakeup.wake()
  expect(await timed(wakeup.wait(LONG_MS, undefined, 200)), 'a wake before it').toBeGreaterThanOrEqual(195)
  const ended = new AbortController()
  const given = timed(wakeup.wait(LONG_MS, ended.signal, LONG_MS))
  wakeup.wake()
  ended.abort()
  expect(await given).toBeLessThan(1_000)
})

it('a loop goes round when something is due before its turn, and rests in between whatever is due', async () => {
  const end = new AbortController()
  const at: number[] = []
  const loop = startLoop(
    'due',
    async () => {
      at.push(performance.now())
      if (at.length === 4) end.abort()
    },
    { everyMs: LONG_MS, dueInMs: () => -1, restMs: 50, log: silentLog(), signal: end.signal },
  )
  await loop.done
  expect(at.slice(1).every((time, index) => time - at[index]! >= 45)).toBe(true)
})
