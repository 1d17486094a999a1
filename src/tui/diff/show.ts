/** How a row of a diff looks: numbers, sign, and the code behind them. */
import { widthOf } from '../../model/width.ts'
import { guard } from '../text/guard.ts'
import { dropColumns, fitColumns, type Role, type Span, span } from '../text/spans.ts'
import { coloredLine } from './highlight.ts'
import type { DiffFile, DiffLine } from './parse.ts'
import { type DiffMode, type DiffRow, pairsOf } from './rows.ts'

export interface Look {
  readonly columns: number
  readonly mode: DiffMode
  /** Columns of the code that are pushed out at the left. */
  readonly left: number
  readonly folded: ReadonlySet<string>
}

const SIGN: Readonly<Record<DiffLine['kind'], readonly [sign: string, role: Role]>> = {
  context: [' ', 'muted'],
  added: ['+', 'good'],
  removed: ['-', 'bad'],
  hunk: [' ', 'accent'],
  note: [' ', 'warn'],
}
/** With fewer columns one number is enough. */
const TWO_NUMBERS = 70

export function showDiffRow({ file, row }: DiffRow, look: Look): readonly Span[] {
  if (row === undefined) return heading(file, look)
  if (look.mode === 'unified') return unified(file, row, look)
  const { left, right } = pairsOf(file)[row]!
  if (left !== undefined && left === right && (left.kind === 'hunk' || left.kind === 'note')) return across(left, look)
  const half = Math.floor((look.columns - 1) / 2)
  return [
    ...fitColumns(side(file, left, left?.before, look), half),
    span('│', 'muted'),
    ...fitColumns(side(file, right, right?.after, look), look.columns - half - 1),
  ]
}

export function changeSpans({ change, isBinary, insertions, deletions }: DiffFile): readonly Span[] {
  if (isBinary) return [span('binary', 'warn'), ...(change === 'changed' ? [] : [span(` ${change}`, 'muted')])]
  return [
    ...(change === 'changed' ? [] : [span(`${change === 'added' ? 'new' : 'deleted'} `, 'warn')]),
    ...(insertions > 0 || deletions === 0 ? [span(`+${insertions}`, 'good')] : []),
    ...(deletions > 0 ? [span(`${insertions > 0 ? ' ' : ''}-${deletions}`, 'bad')] : []),
  ]
}

function heading(file: DiffFile, { columns, folded }: Look): readonly Span[] {
  const mark = folded.has(file.path) ? '▸' : '▾'
  const head = [span(`${mark} `, 'muted'), span(guard(file.path), 'strong'), span('  '), ...changeSpans(file)]
  const used = head.reduce((sum, { text }) => sum + widthOf(text), 0)
  return [...head, span(` ${'─'.repeat(Math.max(0, columns - used - 1))}`, 'muted')]
}

function unified(file: DiffFile, row: number, look: Look): readonly Span[] {
  const line = file.lines[row]!
  if (line.kind === 'hunk' || line.kind === 'note') return across(line, look)
  const [sign, role] = SIGN[line.kind]
  const width = numberWidth(file)
  const numbers =
    look.columns >= TWO_NUMBERS
      ? `${pad(line.before, width)} ${pad(line.after, width)} `
      : `${pad(line.after ?? line.before, width)} `
  const tone = line.kind === 'context' ? 'muted' : role
  return [span(numbers, tone), span(`${sign} `, role), ...pushed(coloredLine(file, row), look.left)]
}

function side(file: DiffFile, line: DiffLine | undefined, number: number | undefined, look: Look): readonly Span[] {
  if (line === undefined) return []
  const [sign, role] = SIGN[line.kind]
  const tone = line.kind === 'context' ? 'muted' : role
  return [
    span(`${pad(number, numberWidth(file))} `, tone),
    span(`${sign} `, role),
    ...pushed(coloredLine(file, lineNumber(file, line)), look.left),
  ]
}

function across(line: DiffLine, { left }: Look): readonly Span[] {
  return pushed([span(guard(line.text), SIGN[line.kind][1])], left)
}

function pushed(spans: readonly Span[], left: number): readonly Span[] {
  let drop = left
  if (drop === 0) return spans
  return spans.map(({ text, role }) => {
    const width = widthOf(text)
    const rest = drop === 0 ? text : drop >= width ? '' : dropColumns(text, drop)
    drop = Math.max(0, drop - width)
    return { text: rest, role }
  })
}

const places = new WeakMap<DiffFile, Map<DiffLine, number>>()

function lineNumber(file: DiffFile, line: DiffLine): number {
  const known = places.get(file) ?? new Map(file.lines.map((each, index) => [each, index]))
  places.set(file, known)
  return known.get(line)!
}

const widths = new WeakMap<DiffFile, number>()

function numberWidth(file: DiffFile): number {
  const known = widths.get(file)
  if (known !== undefined) return known
  const highest = file.lines.reduce((most, { before = 0, after = 0 }) => Math.max(most, before, after), 0)
  const width = Math.max(3, String(highest).length)
  widths.set(file, width)
  return width
}

function pad(number: number | undefined, width: number): string {
  return String(number ?? '').padStart(width)
}
