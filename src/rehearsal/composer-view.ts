/** The composer as rows: `❯ ` before the first, two spaces before the others, and the place of the cursor. */
import { type Cell, type Composer, labelOf } from './composer.ts'
import type { Row, Size } from './view.ts'
import { charWidth, printable } from './width.ts'

export interface ComposerRows {
  readonly rows: Row[]
  readonly cursor: { readonly row: number; readonly column: number }
}

const INDENT = 2

export function composerRows(composer: Composer, size: Size, height: number): ComposerRows {
  const { rows, cursor } = layOut(composer, Math.max(1, size.columns - INDENT))
  // Too many rows for the screen: the ones around the cursor.
  const first = Math.max(0, Math.min(cursor.row - height + 1, rows.length - height))
  const shown = rows.slice(first, first + height)
  return {
    rows: shown.map((text, index) => [
      { text: index === 0 ? '❯ ' : '  ', style: 'bold' },
      { text, style: 'plain' },
    ]),
    cursor: { row: cursor.row - first, column: INDENT + cursor.column },
  }
}

function layOut(composer: Composer, columns: number) {
  const rows = ['']
  let used = 0
  let cursor = { row: 0, column: 0 }
  const newRow = () => {
    rows.push('')
    used = 0
  }
  const put = (text: string) => {
    for (const char of text) {
      const width = charWidth(char)
      if (used + width > columns) newRow()
      rows[rows.length - 1] += char
      used += width
    }
  }
  for (const [index, cell] of composer.cells.entries()) {
    if (index === composer.cursor) cursor = { row: rows.length - 1, column: used }
    if (cell === '\n') newRow()
    else put(shownAs(cell))
  }
  if (composer.cursor === composer.cells.length) {
    if (used >= columns) newRow()
    cursor = { row: rows.length - 1, column: used }
  }
  return { rows, cursor }
}

function shownAs(cell: Cell): string {
  return typeof cell === 'string' ? printable(cell) : labelOf(cell)
}
