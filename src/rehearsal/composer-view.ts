/** The composer as rows: `❯ ` before the first, two spaces before the others, and the place of the cursor. */

import { charWidth, printable, widthOf } from '../model/width.ts'
import { type Cell, type Composer, labelOf } from './composer.ts'
import type { Row, Size } from './frame.ts'

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
  const { cells } = composer
  for (const [index, cell] of cells.entries()) {
    // Whole words go to the next row, so that the nonce of a header can be found on a screen that is wide enough for it.
    if (used > 0 && startsWord(cells, index) && used + wordWidth(cells, index, columns) > columns) newRow()
    if (index === composer.cursor) cursor = { row: rows.length - 1, column: used }
    if (cell === '\n') newRow()
    else if (cell !== ' ' || used < columns) put(shownAs(cell))
  }
  if (composer.cursor === cells.length) {
    if (used >= columns) newRow()
    cursor = { row: rows.length - 1, column: used }
  }
  return { rows, cursor }
}

function startsWord(cells: readonly Cell[], index: number): boolean {
  return !isSpace(cells[index]) && (index === 0 || isSpace(cells[index - 1]))
}

/** Width of the word that begins here; 0 when it is wider than a row and has to be broken anyway. */
function wordWidth(cells: readonly Cell[], index: number, columns: number): number {
  let width = 0
  for (let at = index; at < cells.length && !isSpace(cells[at]); at++) {
    width += widthOf(shownAs(cells[at]!))
    if (width > columns) return 0
  }
  return width
}

function isSpace(cell: Cell | undefined): boolean {
  return cell === ' ' || cell === '\n' || cell === '\t'
}

function shownAs(cell: Cell): string {
  return typeof cell === 'string' ? printable(cell) : labelOf(cell)
}
