/** What every screen sets apart around its body, and how things are put side by side. */
import { widthOf } from '../model/width.ts'
import { type Span, span } from './text/spans.ts'

/** Rows that are not the body's: the title and the keys. */
export const FRAME_ROWS = 2

export type KeyHint = readonly [keys: string, what: string]

/** One at each end; the right one gives way. */
export function spread(left: readonly Span[], right: readonly Span[], columns: number): readonly Span[] {
  const used = spanWidth(left) + spanWidth(right)
  if (used >= columns) return left
  return [...left, span(' '.repeat(columns - used)), ...right]
}

export function spanWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, { text }) => sum + widthOf(text), 0)
}

/** The keys of the moment in one row; the last ones are left out where it is too short. */
export function hintSpans(keys: readonly KeyHint[], columns: number): readonly Span[] {
  const out: Span[] = [span(' ')]
  let used = 1
  for (const [key, what] of keys) {
    const width = widthOf(key) + widthOf(what) + 1
    if (used + width > columns) break
    out.push(span(key, 'strong'), span(` ${what}  `, 'muted'))
    used += width + 2
  }
  return out
}
