/** Reads YAML and JSON files by a schema and reports a mistake with file, line and path. */
import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { AgencyError } from '../kernel/errors.ts'

/** JSON is YAML too, so one reader keeps line numbers for both. An empty file is `whenEmpty`. */
export function readYaml<S extends z.ZodType>(text: string, file: string, schema: S, whenEmpty?: unknown): z.infer<S> {
  const lines = new LineCounter()
  const document = parseDocument(text.replace(/^\ufeff/, ''), {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
  })
  const broken = document.errors[0]
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0])
    throw bad(file, line, col, '', broken.message)
  }
  const value: unknown = document.toJS({ maxAliasCount: 50 }) ?? whenEmpty
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const path = issue.path.map(part => (typeof part === 'symbol' ? String(part) : part))
  const { line, col } = lines.linePos(positionOf(document, path))
  throw bad(file, line, col, path.join('.'), issue.message)
}

/** A mistake that no schema sees, told like the others: where `path` stands in the text. */
export function mistakeAt(
  text: string,
  file: string,
  path: readonly (string | number)[],
  what: { message: string; hint?: string },
): AgencyError {
  const lines = new LineCounter()
  const document = parseDocument(text.replace(/^\ufeff/, ''), { lineCounter: lines, prettyErrors: false })
  const { line, col } = lines.linePos(positionOf(document, path))
  return bad(file, line, col, path.join('.'), what.message, what.hint)
}

function bad(file: string, line: number, column: number, path: string, what: string, hint?: string): AgencyError {
  const at = path ? ` at ${path}` : ''
  return new AgencyError('BAD_DEFINITION', `${file}:${line}:${column}${at}: ${what}`, {
    hint: hint ?? `edit ${file}, line ${line}`,
  })
}

/** Where the value at this path stands in the text; the nearest parent that exists when the value itself is missing. */
function positionOf(document: ReturnType<typeof parseDocument>, path: readonly (string | number)[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    const range = (node as { range?: [number, number, number] } | undefined | null)?.range
    if (range) return range[0]
  }
  return 0
}
