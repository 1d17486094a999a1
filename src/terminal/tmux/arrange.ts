/** How to bring windows into an order with few moves. Pure. */
import type { WindowId } from '../terminal.ts'

export interface Placed {
  readonly id: WindowId
  readonly index: number
}

export type Move =
  | { readonly type: 'swap'; readonly a: WindowId; readonly b: WindowId }
  | { readonly type: 'move'; readonly window: WindowId; readonly index: number }

/** After these moves `wanted[i]` is window i. Windows that nobody asked about end up behind or where a wanted one was. */
export function planMoves(present: readonly Placed[], wanted: readonly WindowId[]): Move[] {
  const indexOf = new Map(present.map(({ id, index }) => [id, index]))
  const moves: Move[] = []
  for (const [index, window] of wanted.filter(id => indexOf.has(id)).entries()) {
    const from = indexOf.get(window)!
    if (from === index) continue
    const occupant = [...indexOf].find(([, taken]) => taken === index)?.[0]
    moves.push(occupant ? { type: 'swap', a: window, b: occupant } : { type: 'move', window, index })
    if (occupant) indexOf.set(occupant, from)
    indexOf.set(window, index)
  }
  return moves
}
