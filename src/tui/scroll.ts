/** A long list in a low window: what is chosen stays in sight, and the window moves no more than it must. */

export interface Scroll {
  readonly selected: number
  /** First row that is shown. */
  readonly top: number
}

export const AT_TOP: Scroll = { selected: 0, top: 0 }

/** Fitted to so many rows of which so many are seen. */
export function fitScroll({ selected, top }: Scroll, count: number, height: number): Scroll {
  const chosen = Math.max(0, Math.min(selected, count - 1))
  const lowest = Math.max(0, count - height)
  const fitted = Math.max(0, Math.min(top, lowest, chosen))
  return { selected: chosen, top: Math.max(fitted, Math.min(lowest, chosen - height + 1)) }
}

export type Motion = 'up' | 'down' | 'page-up' | 'page-down' | 'half-up' | 'half-down' | 'first' | 'last'

/** The choice moves; of the rows that are seen, as few as can be. */
export function moveSelection(scroll: Scroll, motion: Motion, count: number, height: number): Scroll {
  return fitScroll({ ...scroll, selected: moved(scroll.selected, motion, count, height) }, count, height)
}

/** The window moves, and nothing is chosen. Returns the first row. */
export function moveWindow(top: number, motion: Motion, count: number, height: number): number {
  const lowest = Math.max(0, count - height)
  if (motion === 'last') return lowest
  return Math.max(0, Math.min(lowest, moved(top, motion, count, height)))
}

function moved(from: number, motion: Motion, count: number, height: number): number {
  const page = Math.max(1, height - 1)
  const half = Math.max(1, Math.floor(height / 2))
  const by: Readonly<Record<Motion, number>> = {
    up: -1,
    down: 1,
    'page-up': -page,
    'page-down': page,
    'half-up': -half,
    'half-down': half,
    first: -count,
    last: count,
  }
  return Math.max(0, Math.min(count - 1, from + by[motion]))
}
