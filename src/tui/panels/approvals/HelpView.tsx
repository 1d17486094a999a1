/** Every key of the approvals screen. */
import { clip } from '../../../model/width.ts'
import type { Size } from '../../stage.ts'
import { Lines } from '../../text/Line.tsx'
import { type Span, span } from '../../text/spans.ts'

const KEYS: readonly (readonly [key: string, what: string])[] = [
  ['j k ↓ ↑', 'down, up'],
  ['g G', 'first, last'],
  ['^d ^u', 'half a page'],
  ['enter', 'open'],
  ['q esc', 'back; q leaves'],
  ['tab 1…6', 'pages'],
  ['J K', 'next, previous'],
  ['/', 'filter'],
  ['space *', 'mark, mark all'],
  ['a', 'approve'],
  ['r', 'reject, with words'],
  ['c', 'ask for changes'],
  ['m', 'merge what is held'],
  ['u', 'take back, for 5 s'],
  ['d', 'diff in the pager'],
  ['t', 'tests'],
  ['v', 'open the demo'],
  ['[ ]', 'other file'],
  ['f', 'file tree'],
  ['z Z', 'fold a file, all'],
  ['s', 'side by side'],
  ['p', 'since last time'],
  ['h l 0', 'sideways'],
  ['^l', 'draw again'],
  ['?', 'this'],
]
const COLUMN = 38

export function HelpView({ size: { columns, rows } }: { readonly size: Size }) {
  const height = rows - 2
  const across = Math.max(1, Math.min(Math.floor(columns / 28), Math.ceil(KEYS.length / height)))
  const width = Math.min(COLUMN, Math.floor(columns / across))
  const each = Math.ceil(KEYS.length / across)
  const lines = Array.from({ length: height }, (_, row) =>
    Array.from({ length: across }, (_, column) => row < each && KEYS[column * each + row])
      .filter(Boolean)
      .flatMap(key => cell(key as (typeof KEYS)[number], width)),
  )
  return <Lines lines={lines} columns={columns} />
}

function cell([key, what]: (typeof KEYS)[number], width: number): readonly Span[] {
  const left = Math.min(12, Math.floor(width / 3))
  return [span(` ${key.padEnd(left)}`, 'strong'), span(clip(what, width - left - 1).padEnd(width - left - 1))]
}
