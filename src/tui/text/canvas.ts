/**
 * Rows on their way around ink: it places a short token for each, and the painted row takes the token's place in the frame. Ink looks at
 * every character of a frame several times, which takes a hundred milliseconds of a large screen.
 */
import { createContext } from 'react'

/** Of plain letters, whose width ink knows without a look. All text goes around ink, so that none of it is taken for a token. */
const MARK = '~'
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']
/** Cells that a token takes: as wide is the screen that ink sees. */
export const TOKEN_COLUMNS = 3

export class Canvas {
  readonly #rows = new Map<string, string>()
  readonly #free: string[] = []
  #made = 0

  take(): string {
    const token = this.#free.pop()
    if (token !== undefined) return token
    const number = this.#made++
    return `${MARK}${LETTERS[Math.floor(number / LETTERS.length)]}${LETTERS[number % LETTERS.length]}`
  }

  give(token: string): void {
    this.#rows.delete(token)
    this.#free.push(token)
  }

  paint(token: string, row: string): void {
    this.#rows.set(token, row)
  }

  /** The frame as it is to be seen. */
  fill(frame: string): string {
    let out = ''
    let from = 0
    for (let at = frame.indexOf(MARK); at >= 0; at = frame.indexOf(MARK, from)) {
      const token = frame.slice(at, at + TOKEN_COLUMNS)
      out += frame.slice(from, at) + (this.#rows.get(token) ?? token)
      from = at + TOKEN_COLUMNS
    }
    return out + frame.slice(from)
  }
}

/** Without one, as where frames are tested, rows go through ink. */
export const CanvasContext = createContext<Canvas | undefined>(undefined)
