/** What the pages of a submission are made of: named facts, wrapped words, runs of commands. */
import { wrap } from '../../../../model/width.ts'
import { guard, guardLines } from '../../../text/guard.ts'
import { type Role, type Span, span } from '../../../text/spans.ts'

export type Row = readonly Span[]

const NAME_COLUMNS = 11
export const DASH = '–'

export function heading(text: string, more = ''): Row[] {
  return [[], [span(` ${text}`, 'heading'), span(more === '' ? '' : `  ${more}`, 'muted')]]
}

/** Of text that we did not write: guarded, broken at words. */
export function prose(text: string, columns: number, role: Role = 'plain', indent = 1): Row[] {
  const room = Math.max(10, columns - indent - 1)
  return guardLines(text.trimEnd()).flatMap(line =>
    wrap(line, room).map(row => [span(' '.repeat(indent)), span(row, role)]),
  )
}

/** A name and what there is to say; a dash where nothing is known. */
export function fact(name: string, value: string | undefined, columns: number, role: Role = 'plain'): Row[] {
  const room = Math.max(10, columns - NAME_COLUMNS - 2)
  const lines = value === undefined || value === '' ? [DASH] : guardLines(value).flatMap(line => wrap(line, room))
  return lines.map((line, index) => [
    span(` ${(index === 0 ? name : '').padEnd(NAME_COLUMNS)}`, 'muted'),
    span(line, value ? role : 'muted'),
  ])
}

export function raw(text: string, role: Role = 'plain', indent = 1): Row {
  return [span(' '.repeat(indent)), span(guard(text), role)]
}
