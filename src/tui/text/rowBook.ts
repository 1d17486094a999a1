/**
 * The rows of a screen, kept apart from ink: it places one mark for each, and the row goes in when the frame is written. To read styled
 * text, ink takes a hundred milliseconds for a large screen, at every key; of the marks it reads one letter each, and only when they move.
 */
import { createContext } from 'react'

interface BookRow {
  readonly text: string
  readonly columns: number
}

/** Of the private letters of Unicode. Text of others is never searched for them: it is in rows, which go in last. */
const FIRST = 0xe000
const MOST = 6_000
const MARKED = /([\ue000-\uf8ff])( *)/g

export class RowBook {
  readonly #rows = new Map<string, BookRow>()
  readonly #free: string[] = []
  #next = 0

  /** Undefined when there are none left: a row is then given to ink as it is. */
  take(): string | undefined {
    const freed = this.#free.pop()
    if (freed !== undefined) return freed
    return this.#next < MOST ? String.fromCharCode(FIRST + this.#next++) : undefined
  }

  put(mark: string, row: BookRow): void {
    this.#rows.set(mark, row)
  }

  give(mark: string): void {
    this.#rows.delete(mark)
    this.#free.push(mark)
  }

  /** The frame with its rows. A row takes the place of its mark, and of the spaces that ink left for it. */
  fill(frame: string): string {
    return frame.replace(MARKED, (whole, mark: string, spaces: string) => {
      const row = this.#rows.get(mark)
      return row ? `${row.text}${' '.repeat(Math.max(0, spaces.length - row.columns + 1))}` : whole
    })
  }
}

/** Undefined where there is no screen around: rows are then ink's, as in tests of single views. */
export const RowBookContext = createContext<RowBook | undefined>(undefined)
