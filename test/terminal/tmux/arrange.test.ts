import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { WindowId } from '../../../src/terminal/terminal.ts'
import { type Move, type Placed, planMoves } from '../../../src/terminal/tmux/arrange.ts'

const scene = fc
  .record({
    indexes: fc.uniqueArray(fc.nat(12), { maxLength: 8 }),
    wanted: fc.uniqueArray(fc.nat(10), { maxLength: 8 }),
  })
  .map(({ indexes, wanted }) => ({
    present: indexes.map((index, id): Placed => ({ id: `@${id}`, index })),
    wanted: wanted.map((id): WindowId => `@${id}`),
  }))

function apply(present: readonly Placed[], moves: readonly Move[]): Map<WindowId, number> {
  const places = new Map(present.map(({ id, index }) => [id, index]))
  for (const move of moves) {
    if (move.type === 'swap') {
      const [a, b] = [places.get(move.a)!, places.get(move.b)!]
      places.set(move.a, b).set(move.b, a)
    } else {
      expect([...places.values()]).not.toContain(move.index)
      places.set(move.window, move.index)
    }
  }
  return places
}

test('R-AGY-1: the wanted windows come first and in order, none is lost, and nothing moves twice over', () => {
  fc.assert(
    fc.property(scene, ({ present, wanted }) => {
      const moves = planMoves(present, wanted)
      const places = apply(present, moves)
      const there = wanted.filter(id => places.has(id))
      expect(there.map(id => places.get(id))).toEqual(there.map((_, index) => index))
      expect(places.size).toBe(present.length)
      expect(new Set(places.values()).size).toBe(present.length)
      expect(moves.length).toBeLessThanOrEqual(there.length)
    }),
  )
})
