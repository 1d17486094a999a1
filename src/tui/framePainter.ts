/** Brings the terminal from one frame to the next: only rows that differ are written, so that it is quick over a slow line too. */

// Alternate screen; bracketed paste, so that pasted text is never taken for keys; no wrapping, so that a character whose width a
// terminal sees otherwise harms its own row only; no cursor.
export const OPEN = '\x1b[?1049h\x1b[?2004h\x1b[?7l\x1b[?25l\x1b[2J\x1b[H'
export const CLOSE = '\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l'
// Terminals that know it show the whole of a frame at once; the others skip it.
const BEGIN = '\x1b[?2026h'
const END = '\x1b[?2026l'

export class FramePainter {
  #rows: string[] = []

  /** The bytes to write; empty when nothing differs. */
  paint(frame: string, height: number): string {
    const rows = frame.split('\n').slice(0, height)
    while (rows.length < height) rows.push('')
    let out = ''
    for (const [index, text] of rows.entries())
      if (this.#rows[index] !== text) out += `\x1b[${index + 1};1H\x1b[2K${text}\x1b[0m`
    this.#rows = rows
    return out === '' ? '' : `${BEGIN}${out}${END}`
  }

  /** Somebody else wrote on the screen: the next frame is written whole. */
  forget(): void {
    this.#rows = []
  }
}
