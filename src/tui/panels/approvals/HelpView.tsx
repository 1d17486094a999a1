/** Every key of the approvals screen. */
import type { Size } from '../../stage.ts'
import { Lines } from '../../text/Line.tsx'
import { type Span, span } from '../../text/spans.ts'

const KEYS: readonly (readonly [key: string, what: string])[] = [
  ['j k ↓ ↑', 'down, up'],
  ['g G', 'first, last'],
  ['ctrl-d ctrl-u', 'half a page'],
  ['enter', 'open'],
  ['q esc', 'back; q leaves'],
  ['tab 1…6', 'pages'],
  ['J K', 'next, previous'],
  ['/', 'filter'],
  ['space *', 'mark, mark all'],
  ['a', 'approve'],
  ['r', 'reject, with words'],
  ['c', 'request changes'],
  ['m', 'merge again what is held'],
  ['u', 'take back, for 5 s'],
  ['d', 'diff in the pager'],
  ['t', 'tests'],
  ['v', 'open the demo'],
  ['[ ]', 'file before, next'],
  ['f', 'file tree'],
  ['z Z', 'fold a file, all'],
  ['s', 'side by side'],
  ['p', 'since last handed in'],
  ['h l 0', 'sideways'],
  ['ctrl-l', 'draw again'],
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
  const left = Math.min(15, Math.floor(width / 2) - 2)
  return [span(` ${key.padEnd(left)}`, 'strong'), span(what.padEnd(width - left - 1).slice(0, width - left - 1))]
}
