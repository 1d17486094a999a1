/** Styled rows: what a piece of text is, and how that looks in a terminal of so many colors. */
import { charWidth, widthOf } from '../../model/width.ts'

export const ROLES = [
  'plain',
  'strong',
  'heading',
  'muted',
  'good',
  'bad',
  'warn',
  'accent',
  'selected',
  'keyword',
  'string',
  'number',
  'name',
] as const
export type Role = (typeof ROLES)[number]

/** Text that is guarded already, and what it is. */
export interface Span {
  readonly text: string
  readonly role: Role
  /** In place of how its role looks: SGR numbers, the colors only where there are to be any. */
  readonly look?: { readonly weight: string; readonly color: string }
}

export function span(text: string, role: Role = 'plain'): Span {
  return { text, role }
}

// Basic colors alone, which every theme makes readable on its own background.
const COLORED: Readonly<Record<Role, string>> = {
  plain: '',
  strong: '1',
  heading: '1;4',
  muted: '2',
  good: '32',
  bad: '31',
  warn: '33',
  accent: '36',
  selected: '7',
  keyword: '35',
  string: '32',
  number: '33',
  name: '34',
}
// Without colors, weight tells what matters.
const PLAIN: Readonly<Record<Role, string>> = {
  ...(Object.fromEntries(ROLES.map(role => [role, ''])) as Record<Role, string>),
  strong: '1',
  heading: '1;4',
  muted: '2',
  bad: '1',
  warn: '1',
  selected: '7',
}

let codes: Readonly<Record<Role, string>> = PLAIN
let hasColors = false

/** Once, when a screen opens: NO_COLOR and what the terminal can. */
export function setColors(on: boolean): void {
  codes = on ? COLORED : PLAIN
  hasColors = on
}

/** Exactly so many columns: cut with an ellipsis, or filled with spaces. A selected row is one piece, so that it stands out in every theme. */
export function paintRow(spans: readonly Span[], columns: number, isSelected = false): string {
  const fitted = fitColumns(spans, columns)
  if (isSelected) return paint(span(fitted.map(({ text }) => text).join(''), 'selected'))
  return fitted.map(paint).join('')
}

function paint({ text, role, look }: Span): string {
  const code = look ? [look.weight, hasColors ? look.color : ''].filter(part => part !== '').join(';') : codes[role]
  return code === '' || text === '' ? text : `\x1b[${code}m${text}\x1b[0m`
}

/** So many columns of them, and no more. */
export function fitColumns(spans: readonly Span[], columns: number): readonly Span[] {
  const out: Span[] = []
  let left = columns
  for (const [index, each] of spans.entries()) {
    const { text } = each
    const width = widthOf(text)
    if (width < left || (width === left && !hasMore(spans, index))) {
      out.push(each)
      left -= width
      continue
    }
    const head = takeColumns(text, left - 1)
    const rest = left - 1 - widthOf(head)
    out.push({ ...each, text: left > 0 ? `${head}${' '.repeat(Math.max(0, rest))}…` : '' })
    return out
  }
  if (left > 0) out.push(span(' '.repeat(left)))
  return out
}

function hasMore(spans: readonly Span[], index: number): boolean {
  return spans.slice(index + 1).some(({ text }) => text.trim() !== '')
}

/** The longest beginning that takes no more than so many columns. */
export function takeColumns(text: string, columns: number): string {
  let used = 0
  let end = 0
  for (const char of text) {
    used += charWidth(char)
    if (used > columns) break
    end += char.length
  }
  return text.slice(0, end)
}

/** What is left of it behind so many columns; a wide character that is cut in two leaves a space. */
export function dropColumns(text: string, columns: number): string {
  if (columns <= 0) return text
  let used = 0
  let start = 0
  for (const char of text) {
    if (used >= columns) break
    used += charWidth(char)
    start += char.length
  }
  return ' '.repeat(Math.max(0, used - columns)) + text.slice(start)
}
