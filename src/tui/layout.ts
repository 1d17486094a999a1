/** What every screen sets apart around its body, and how things are put side by side. */
import { widthOf } from '../model/width.ts'
import { fitColumns, type Span, span } from './text/spans.ts'

/** Rows that are not the body's: the title and the keys. */
export const FRAME_ROWS = 2

export type KeyHint = readonly [keys: string, what: string]

/** One at each end. The left one is cut where there is little room; a right one that would take half of it gives way. */
export function spread(left: readonly Span[], right: readonly Span[], columns: number): readonly Span[] {
  const width = spanWidth(right)
  const gap = columns - width - spanWidth(left)
  if (gap > 0) return [...left, span(' '.repeat(gap)), ...right]
  const room = columns - width - 1
  return room < columns / 2 ? left : [...fitColumns(left, room), span(' '), ...right]
}

export function spanWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, { text }) => sum + widthOf(text), 0)
}

/** The keys of the moment in one row: the first ones, and always the last, which is where the others are told. */
export function hintSpans(keys: readonly KeyHint[], columns: number): readonly Span[] {
  const widthOfHint = ([key, what]: KeyHint) => widthOf(key) + widthOf(what) + 3
  const last = keys.at(-1)
  const shown: KeyHint[] = []
  let left = columns - (last ? widthOfHint(last) : 0)
  for (const hint of keys.slice(0, -1)) {
    left -= widthOfHint(hint)
    if (left < 0) break
    shown.push(hint)
  }
  return [...shown, ...(last ? [last] : [])].flatMap(([key, what], index) => [
    span(index === 0 ? ' ' : '  '),
    span(key, 'strong'),
    span(` ${what}`, 'muted'),
  ])
}
