/** How many columns a character takes, and text cut into rows of that many columns. */
import { sanitise } from './sanitize.ts'

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u
// East Asian wide and full-width blocks; one pattern is enough because rows never wrap by themselves.
const DOUBLE_WIDTH =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u3247\u3250-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]$|^\p{Emoji_Presentation}$/u
// A flag is two of these, one column each.
const FLAG_LETTER = /^[\u{1f1e6}-\u{1f1ff}]$/u

export function widthOf(text: string): number {
  let width = 0
  for (const char of text) width += charWidth(char)
  return width
}

export function charWidth(char: string): number {
  if (char < '\u0300') return 1
  if (ZERO_WIDTH.test(char)) return 0
  return DOUBLE_WIDTH.test(char) && !FLAG_LETTER.test(char) ? 2 : 1
}

const ANSI = /\x1b(?:\[[0-9:;<=>?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9])/g

/** Safe to print: no escape sequences, no control characters, tabs as four spaces. */
export function printable(text: string): string {
  return sanitise(text.replace(ANSI, '')).text.replaceAll('\t', '    ')
}

/** Rows of at most `columns`, broken at spaces where there are any. */
export function wrap(text: string, columns: number): string[] {
  return text.split('\n').flatMap(line => wrapLine(line, Math.max(1, columns)))
}

function wrapLine(line: string, columns: number): string[] {
  const rows: string[] = []
  let row = ''
  for (const word of line.match(/\s+|\S+/g) ?? []) {
    if (widthOf(row) + widthOf(word) <= columns) row += word
    else if (/^\s/.test(word)) {
      rows.push(row)
      row = ''
    } else {
      if (row.trim() !== '') rows.push(row.trimEnd())
      const pieces = widthOf(word) <= columns ? [word] : hardWrap([...word], columns)
      rows.push(...pieces.slice(0, -1))
      row = pieces.at(-1)!
    }
  }
  return [...rows, row]
}

export function hardWrap(chars: readonly string[], columns: number): string[] {
  const rows = ['']
  let used = 0
  for (const char of chars) {
    const width = charWidth(char)
    if (used + width > columns && used > 0) {
      rows.push('')
      used = 0
    }
    rows[rows.length - 1] += char
    used += width
  }
  return rows
}

/** At most `columns` wide, with an ellipsis when something was cut. */
export function clip(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  return `${hardWrap([...text], Math.max(1, columns - 1))[0]}…`
}
