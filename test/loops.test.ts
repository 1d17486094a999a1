import { expect, it } from 'vitest'
import type { LoopParts } from '../src/loops/parts.ts'
import { loopTable, NEWS } from '../src/loops.ts'

/** The table asks for paces alone; its ticks are not run here. */
const table = loopTable({
  settings: { supervision: { tick: 1 } },
  statusRounds: { everyMs: 60_000 },
  reminder: { everyMs: 60_000 },
} as unknown as LoopParts)

it('every news that is told wakes a loop', () => {
  const heard = new Set(table.flatMap(({ wokenBy }) => wokenBy))
  expect([...heard].sort()).toEqual([...NEWS].sort())
})

it('every loop has a name of its own, and a pace at which it goes round without news', () => {
  expect(new Set(table.map(({ name }) => name)).size).toBe(table.length)
  for (const { everyMs } of table) expect(everyMs).toBeGreaterThan(0)
})
