/**
 * Rows on their way around ink: it places a short token for each block of them, and the painted rows take the token's place in the frame. Ink
 * looks at every character of a frame several times, and at every element of it, which takes a hundred milliseconds of a large screen.
 */
import { createContext } from 'react'

/** Of plain letters, whose width ink knows without a look. All text goes around ink, so that none of it is taken for a token. */
const MARK = '~'
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']
/** Cells that a token takes: as wide is the screen that ink sees. */
export const TOKEN_COLUMNS = 3

export class Canvas {
  readonly #blocks = new Map<string, readonly string[]>()
  readonly #free: string[] = []
  #made = 0

  take(): string {
    const token = this.#free.pop()
    if (token !== undefined) return token
    const number = this.#made++
    return `${MARK}${LETTERS[Math.floor(number / LETTERS.length)]}${LETTERS[number % LETTERS.length]}`
  }

  give(token: string): void {
    this.#blocks.delete(token)
    this.#free.push(token)
  }

  paint(token: string, rows: readonly string[]): void {
    this.#blocks.set(token, rows)
  }

  /** The frame as it is to be seen: ink leaves the rows under a token empty, as many of its block as there is room for. */
  fill(frame: string): string {
    let block: readonly string[] = []
    let next = 0
    const shown = frame.split('\n').map(row => {
      if (row.startsWith(MARK)) {
        block = this.#blocks.get(row.slice(0, TOKEN_COLUMNS)) ?? []
        next = 0
      }
      return block[next++] ?? ''
    })
    return shown.join('\n')
  }
}

/** Without one, as where frames are tested, rows go through ink. */
export const CanvasContext = createContext<Canvas | undefined>(undefined)
