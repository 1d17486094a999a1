/** Brings a terminal from the last frame to the next with as few bytes as are needed: only rows that changed are written. */
import type { Frame, Row, Size, Style } from './frame.ts'

const SGR: Record<Style, string> = {
  plain: '',
  dim: '\x1b[2m',
  bold: '\x1b[1m',
  green: '\x1b[32m',
  cyan: '\x1b[36m',
  yellow: '\x1b[33m',
  red: '\x1b[31m',
}

// Bracketed paste on; automatic wrapping off, so that a character whose width we misjudge harms its own row only.
export const OPEN_TERMINAL = '\x1b[?2004h\x1b[?7l\x1b[2J\x1b[H'
const CLOSE_TERMINAL = '\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[0m\r\n'

// A row is the same object until its text changes, so its escape sequences are made once.
const rendered = new WeakMap<Row, string>()

function render(row: Row): string {
  const known = rendered.get(row)
  if (known !== undefined) return known
  const text = row.map(span => (SGR[span.style] ? `${SGR[span.style]}${span.text}\x1b[0m` : span.text)).join('')
  rendered.set(row, text)
  return text
}

/**
 * The normal screen, not the alternate one: rows of the history that leave at the top go into the terminal's scrollback.
 * The rows on the screen are those of the history from `#offset` on, then the block.
 */
export class Painter {
  #size: Size = { columns: 0, rows: 0 }
  #epoch = -1
  #offset = 0
  #lines: string[] = []
  #title = ''
  #cursor = ''

  /** The bytes to write; empty when nothing changed. */
  paint(frame: Frame, size: Size): string {
    const before = this.#isNew(frame, size) ? this.#restart(frame, size) : this.#scroll(frame)
    const rows = before + this.#writeRows(this.#wanted(frame))
    const cursor = this.#cursorTo(frame)
    const title = frame.title === this.#title ? '' : `\x1b]0;${frame.title}\x07`
    this.#title = frame.title
    if (rows === '' && cursor === this.#cursor) return title
    this.#cursor = cursor
    return `${title}\x1b[?25l${rows}${cursor}`
  }

  #isNew(frame: Frame, size: Size): boolean {
    return frame.epoch !== this.#epoch || size.columns !== this.#size.columns || size.rows !== this.#size.rows
  }

  #restart(frame: Frame, size: Size): string {
    this.#size = size
    this.#epoch = frame.epoch
    this.#offset = Math.max(0, frame.history.length + frame.block.length - size.rows)
    this.#lines = Array<string>(size.rows).fill('')
    this.#cursor = ''
    return '\x1b[2J'
  }

  /** Pushes rows that no longer fit into the scrollback, each after it was drawn in its final form. */
  #scroll(frame: Frame): string {
    const target = frame.history.length + frame.block.length - this.#size.rows
    let out = ''
    while (this.#offset < target) {
      const step = Math.min(target - this.#offset, this.#size.rows)
      const leaving = frame.history.slice(this.#offset, this.#offset + step).map(render)
      out += this.#writeRows([...leaving, ...this.#lines.slice(step)])
      out += `\x1b[${this.#size.rows};1H${'\n'.repeat(step)}`
      this.#lines = [...this.#lines.slice(step), ...Array<string>(step).fill('')]
      this.#offset += step
    }
    return out
  }

  #wanted(frame: Frame): string[] {
    const history = frame.history.slice(this.#offset).map(render)
    const empty = Math.max(0, this.#size.rows - history.length - frame.block.length)
    const gap = Array<string>(empty).fill('')
    const block = frame.block.map(render)
    // A full screen keeps the block at its foot; before that it follows the history.
    return this.#offset > 0 ? [...history, ...gap, ...block] : [...history, ...block, ...gap]
  }

  #writeRows(wanted: readonly string[]): string {
    let out = ''
    wanted.forEach((text, index) => {
      if (this.#lines[index] === text) return
      out += `\x1b[${index + 1};1H\x1b[2K${text}`
      this.#lines[index] = text
    })
    return out
  }

  #cursorTo(frame: Frame): string {
    if (!frame.cursor) return '\x1b[?25l'
    const above = this.#offset > 0 ? this.#size.rows - frame.block.length : frame.history.length
    return `\x1b[${above + frame.cursor.row + 1};${Math.min(this.#size.columns, frame.cursor.column + 1)}H\x1b[?25h`
  }

  /** Leaves the cursor under the block, for whatever is printed after the program. */
  leave(): string {
    const last = this.#lines.findLastIndex(text => text !== '')
    const title = this.#title ? '\x1b]0;\x07' : ''
    return `\x1b[${last + 1};1H${title}${CLOSE_TERMINAL}`
  }
}
