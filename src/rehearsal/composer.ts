/** The text field at the foot of the screen: characters and collapsed pastes, with a cursor between them. */

export interface Chip {
  readonly number: number
  readonly text: string
}

/** One place in the composer: a character, or a long paste shown as `[Pasted text #1 +12 lines]`. */
export type Cell = string | Chip

export interface Composer {
  readonly cells: readonly Cell[]
  readonly cursor: number
  readonly chips: number
}

// As Claude Code does: a paste longer than this is not shown, only named.
const CHIP_CHARACTERS = 800
const CHIP_LINES = 8

export const emptyComposer: Composer = { cells: [], cursor: 0, chips: 0 }

export function composerOf(text: string): Composer {
  return insertText(emptyComposer, text)
}

/** What would be submitted: chips give back what they stand for. */
export function textOf(composer: Composer): string {
  return composer.cells.map(cell => (typeof cell === 'string' ? cell : cell.text)).join('')
}

export function labelOf(chip: Chip): string {
  return `[Pasted text #${chip.number} +${chip.text.split('\n').length} lines]`
}

export function insertText(composer: Composer, text: string): Composer {
  return insert(composer, [...text])
}

export function insertPaste(composer: Composer, text: string): Composer {
  if (text.length <= CHIP_CHARACTERS && text.split('\n').length <= CHIP_LINES) return insertText(composer, text)
  const number = composer.chips + 1
  return { ...insert(composer, [{ number, text }]), chips: number }
}

function insert(composer: Composer, added: readonly Cell[]): Composer {
  const { cells, cursor } = composer
  return {
    ...composer,
    cells: [...cells.slice(0, cursor), ...added, ...cells.slice(cursor)],
    cursor: cursor + added.length,
  }
}

export function removeBefore(composer: Composer): Composer {
  const { cells, cursor } = composer
  if (cursor === 0) return composer
  return { ...composer, cells: cells.toSpliced(cursor - 1, 1), cursor: cursor - 1 }
}

export function removeAfter(composer: Composer): Composer {
  return { ...composer, cells: composer.cells.toSpliced(composer.cursor, 1) }
}

/** Ctrl-U: what stands before the cursor on its line. */
export function removeLineBefore(composer: Composer): Composer {
  const start = lineStart(composer)
  return { ...composer, cells: composer.cells.toSpliced(start, composer.cursor - start), cursor: start }
}

export function moveBy(composer: Composer, step: number): Composer {
  return { ...composer, cursor: Math.max(0, Math.min(composer.cells.length, composer.cursor + step)) }
}

export function moveToLineStart(composer: Composer): Composer {
  return { ...composer, cursor: lineStart(composer) }
}

export function moveToLineEnd(composer: Composer): Composer {
  return { ...composer, cursor: lineEnd(composer) }
}

/** One line up or down in the same column, or undefined when there is no such line. */
export function moveLine(composer: Composer, direction: 'up' | 'down'): Composer | undefined {
  const start = lineStart(composer)
  const column = composer.cursor - start
  if (direction === 'up') {
    if (start === 0) return undefined
    const above = lineStart({ ...composer, cursor: start - 1 })
    return { ...composer, cursor: Math.min(above + column, start - 1) }
  }
  const end = lineEnd(composer)
  if (end === composer.cells.length) return undefined
  const below = { ...composer, cursor: end + 1 }
  return { ...composer, cursor: Math.min(end + 1 + column, lineEnd(below)) }
}

function lineStart({ cells, cursor }: Composer): number {
  return cursor === 0 ? 0 : cells.lastIndexOf('\n', cursor - 1) + 1
}

function lineEnd({ cells, cursor }: Composer): number {
  const end = cells.indexOf('\n', cursor)
  return end < 0 ? cells.length : end
}
