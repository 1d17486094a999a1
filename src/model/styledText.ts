/**
 * What another program's screen looks like, as text with its color and weight and nothing else. Of escape sequences only these are read; what
 * moves a cursor, hides, blinks or sets anything is left out, and so are colors in which the text could not be read. Pure.
 */
import { isReadable, readColor, type TerminalColor, writeColor } from './terminalColor.ts'

/** A piece of a row that looks the same. */
export interface StyledRun {
  /** As the program wrote it: whoever shows it guards it. */
  readonly text: string
  /** SGR numbers of bold, faint, italic, underlined, reversed, struck out; omitted for none. */
  readonly weight?: string
  /** SGR numbers of its colors; omitted for none. */
  readonly color?: string
}

interface Pen {
  readonly weights: ReadonlySet<number>
  readonly text: TerminalColor
  readonly behind: TerminalColor
}

const PLAIN: Pen = { weights: new Set(), text: undefined, behind: undefined }
const WEIGHTS: ReadonlySet<number> = new Set([1, 2, 3, 4, 7, 9])
/** Of text, behind it, of its underline: they take more numbers. */
const COLORS: ReadonlySet<number> = new Set([38, 48, 58])
/** What ends a weight, by its number. */
const ENDS: Readonly<Record<number, readonly number[]>> = { 22: [1, 2], 23: [3], 24: [4], 27: [7], 29: [9] }
// A sequence that sets looks; any other, whole; the two marks around line drawing; text.
const PIECES =
  /\u001b\[([0-9;:]*)m|\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]P_^X][\s\S]*?(?:\u0007|\u001b\\|$)|\u001b[ -/]*[0-~]?|([\u000e\u000f])|[^\u001b\u000e\u000f]+/g
/** Letters that the line drawing set shows as something else. */
const DRAWN = new Map(
  [...'jklmnqtuvwxa`fgoprsyz{|}~'].map((letter, at) => [letter, [...'┘┐┌└┼─├┤┴┬│▒◆°±⎺⎻⎼⎽≤≥π≠£·'][at]!]),
)

/** Rows of a screen, of which each goes on with the looks that the one before it ended with. */
export function styledRows(lines: readonly string[]): readonly (readonly StyledRun[])[] {
  let pen = PLAIN
  let isDrawing = false
  return lines.map(line => {
    const runs: StyledRun[] = []
    for (const [piece, codes, mark] of line.matchAll(PIECES)) {
      if (codes !== undefined) pen = turned(pen, codes)
      else if (mark !== undefined) isDrawing = mark === '\u000e'
      else if (!piece.startsWith('\u001b')) runs.push(runOf(isDrawing ? drawn(piece) : piece, pen))
    }
    return trimmed(runs)
  })
}

function runOf(text: string, { weights, text: over, behind }: Pen): StyledRun {
  const weight = [...weights].sort((a, b) => a - b).join(';')
  const color = isReadable(over, behind)
    ? [writeColor(over, false), writeColor(behind, true)].filter(code => code !== '').join(';')
    : ''
  return { text, ...(weight === '' ? {} : { weight }), ...(color === '' ? {} : { color }) }
}

function turned(pen: Pen, text: string): Pen {
  const codes = text.split(';').map(codeOf)
  let next = pen
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at]!
    if (!COLORS.has(code)) {
      next = withCode(next, code)
      continue
    }
    const { color, taken } = readColor(codes.slice(at + 1))
    if (code === 38) next = { ...next, text: color }
    else if (code === 48) next = { ...next, behind: color }
    at += taken
  }
  return next
}

/** Of numbers with colons tmux writes kinds of underline alone: none, or some. */
function codeOf(part: string): number {
  const [code, kind] = part.split(':')
  if (kind === undefined) return Number(code)
  return code === '4' ? (kind === '0' ? 24 : 4) : Number.NaN
}

function withCode(pen: Pen, code: number): Pen {
  if (code === 0) return PLAIN
  if (WEIGHTS.has(code)) return { ...pen, weights: new Set([...pen.weights, code]) }
  const ended = ENDS[code]
  if (ended) return { ...pen, weights: new Set([...pen.weights].filter(weight => !ended.includes(weight))) }
  if (code >= 30 && code <= 37) return { ...pen, text: code - 30 }
  if (code >= 90 && code <= 97) return { ...pen, text: code - 82 }
  if (code >= 40 && code <= 47) return { ...pen, behind: code - 40 }
  if (code >= 100 && code <= 107) return { ...pen, behind: code - 92 }
  if (code === 39) return { ...pen, text: undefined }
  return code === 49 ? { ...pen, behind: undefined } : pen
}

function drawn(text: string): string {
  return [...text].map(letter => DRAWN.get(letter) ?? letter).join('')
}

/** Blanks at the end that nothing is behind of are not there. */
function trimmed(runs: readonly StyledRun[]): readonly StyledRun[] {
  const end = runs.findLastIndex(
    ({ text, weight, color }) => text.trim() !== '' || weight !== undefined || color !== undefined,
  )
  const kept = runs.slice(0, end + 1)
  const last = kept.at(-1)
  return last && last.weight === undefined && last.color === undefined
    ? [...kept.slice(0, -1), { text: last.text.trimEnd() }]
    : kept
}
