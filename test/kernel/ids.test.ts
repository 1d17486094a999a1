import { expect, it } from 'vitest'
import { isId, madeAt, newId, shortId } from '../../src/kernel/ids.ts'

it('R-LOG-1 ids sort in the order of their making and say when that was, and their short forms tell them apart', () => {
  const before = Date.now()
  const made = Array.from({ length: 20_000 }, newId)
  expect(made.every(isId)).toBe(true)
  expect(madeAt(made[0]!)).toBeGreaterThanOrEqual(before)
  expect(madeAt(made[0]!)).toBeLessThanOrEqual(Date.now())
  expect(made.every((id, index) => index === 0 || id > made[index - 1]!)).toBe(true)
  // 32 random bits: among so many a pair may meet by chance, a hundred may not.
  expect(new Set(made.map(shortId)).size).toBeGreaterThan(made.length - 100)
})
