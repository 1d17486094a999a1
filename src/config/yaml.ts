/** Reads YAML and JSON files by a schema and reports a mistake with file, line and path. */
import { isScalar, LineCounter, type Pair, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { AgencyError } from '../kernel/errors.ts'
import { isNestedTooDeep } from './yamlDepth.ts'

export interface Mistake {
  readonly line: number
  readonly column: number
  /** Where in the value: `agents.0.name`; empty for the whole. */
  readonly path: string
  readonly what: string
}

/** JSON is YAML too, so one reader keeps line numbers for both. An empty file is `whenEmpty`. */
export function readYaml<S extends z.ZodType>(text: string, file: string, schema: S, whenEmpty?: unknown): z.infer<S> {
  const read = readAll(text, schema, whenEmpty)
  if ('data' in read) return read.data
  const { line, column, path, what } = read.mistakes(1)[0]!
  throw bad(file, line, column, path, what)
}

/** What is wrong with a file by its schema, a thousand mistakes at most; empty when nothing is. */
export function mistakesIn(text: string, schema: z.ZodType): readonly Mistake[] {
  const read = readAll(text, schema)
  return 'data' in read ? [] : read.mistakes(MOST_MISTAKES)
}

/** The value as it stands, whatever a schema thinks of it, and the line of each part. Undefined where it cannot be read. */
export function readLoosely(text: string): { value: unknown; lineOf: (path: Path) => number } | undefined {
  const { document, at, value, problems } = parse(text)
  if (problems.length > 0) return undefined
  return { value, lineOf: path => at(positionOf(document, path)).line }
}

/** The text with another value at this path, and everything else as it was written. Unchanged where there is no such value. */
export function replaceValue(text: string, path: Path, value: string): string {
  const plain = text.replace(/^\ufeff/, '')
  const { document } = parse(plain)
  const range = (document.getIn(path, true) as { range?: [number, number, number] } | undefined)?.range
  return range ? `${plain.slice(0, range[0])}${JSON.stringify(value)}${plain.slice(range[1])}` : text
}

type Path = readonly (string | number)[]

function readAll<S extends z.ZodType>(
  text: string,
  schema: S,
  whenEmpty?: unknown,
): { data: z.infer<S> } | { mistakes: (most: number) => readonly Mistake[] } {
  const { document, at, value, problems } = parse(text)
  if (problems.length > 0)
    return {
      mistakes: most => problems.slice(0, most).map(({ position, what }) => ({ ...at(position), path: '', what })),
    }
  const result = schema.safeParse(value ?? whenEmpty)
  if (result.success) return { data: result.data }
  // Finding the place of one goes through all keys of its map.
  const mistakes = (most: number) =>
    result.error.issues.slice(0, most).map(issue => {
      const path = issue.path.map(part => (typeof part === 'symbol' ? String(part) : part))
      return { ...at(positionOf(document, path)), path: path.join('.'), what: issue.message }
    })
  return { mistakes }
}

function parse(text: string) {
  const lines = new LineCounter()
  const plain = text.replace(/^\ufeff/, '')
  // The package compares each key with all before it: 30,000 of them took 20 s. We look for those that are there twice.
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false } as const
  let document = parseDocument('')
  let value: unknown
  const problems: { position: number; what: string }[] = []
  if (plain.length > MOST_CHARACTERS)
    problems.push({ position: 0, what: `it is larger than ${MOST_CHARACTERS / 1e6} MB` })
  else if (isNestedTooDeep(plain)) problems.push({ position: 0, what: 'it is nested too deeply' })
  // Of aliases that name nothing or grow without end, and of tags around what they do not fit, it throws.
  try {
    if (problems.length === 0) document = parseDocument(plain, options)
    for (const { pos, message } of document.errors) problems.push({ position: pos[0], what: message })
    if (problems.length === 0) problems.push(...doubleKeys(document))
    if (problems.length === 0) value = document.toJS({ maxAliasCount: 50 })
  } catch (error) {
    problems.push({ position: 0, what: error instanceof Error ? error.message : String(error) })
  }
  const at = (position: number) => {
    const { line, col } = lines.linePos(position)
    // Without a line that was read, it is of the whole file.
    return { line: line || 1, column: col || 1 }
  }
  return { document, at, value, problems }
}

/** Of what people write by hand, more is a mistake; reading it would hold everything else up for seconds. */
const MOST_CHARACTERS = 5_000_000
const MOST_MISTAKES = 1_000

function doubleKeys(document: ReturnType<typeof parseDocument>): { position: number; what: string }[] {
  const found: { position: number; what: string }[] = []
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>()
      for (const { key } of items as readonly Pair[]) {
        if (!isScalar(key)) continue
        const what = `Map keys must be unique: ${JSON.stringify(key.value)} is there twice`
        if (seen.has(key.value)) found.push({ position: key.range?.[0] ?? 0, what })
        seen.add(key.value)
      }
    },
  })
  return found
}

/** A mistake that no schema sees, told like the others: where `path` stands in the text. */
export function mistakeAt(
  text: string,
  file: string,
  path: Path,
  what: { message: string; hint?: string },
): AgencyError {
  const { document, at } = parse(text)
  const { line, column } = at(positionOf(document, path))
  return bad(file, line, column, path.join('.'), what.message, what.hint)
}

function bad(file: string, line: number, column: number, path: string, what: string, hint?: string): AgencyError {
  const at = path ? ` at ${path}` : ''
  return new AgencyError('BAD_DEFINITION', `${file}:${line}:${column}${at}: ${what}`, {
    hint: hint ?? `edit ${file}, line ${line}`,
  })
}

/** Where the value at this path stands in the text; the nearest parent that exists when the value itself is missing. */
function positionOf(document: ReturnType<typeof parseDocument>, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    const range = (node as { range?: [number, number, number] } | undefined | null)?.range
    if (range) return range[0]
  }
  return 0
}
