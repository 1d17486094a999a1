/** The lines of a diff with their syntax colored: a piece at a time, of what is seen, and each piece once. */
import { guard } from '../text/guard.ts'
import { type Role, type Span, span } from '../text/spans.ts'
import type { DiffFile, DiffLine } from './parse.ts'

type Engine = typeof import('highlight.js/lib/common').default

/** Lines that are colored in one go: some milliseconds, of which a key may have to wait for two or three such pieces. */
const PIECE = 50
/** A line of that length is no code that a person wrote. */
const LONGEST_COLORED = 1_000
/** Of one line; the rest is told by its number. */
const LONGEST_SHOWN = 10_000

let engine: Engine | undefined
let pieces = new WeakMap<DiffFile, Map<number, readonly (readonly Span[])[]>>()

/** Until it is loaded, text is plain. Resolves when what is drawn next is colored. */
export async function loadHighlighter(): Promise<void> {
  if (engine) return
  const { default: loaded } = await import('highlight.js/lib/common')
  engine = loaded
  pieces = new WeakMap()
}

/** The line of that number in `file.lines`, guarded. */
export function coloredLine(file: DiffFile, number: number): readonly Span[] {
  const start = number - (number % PIECE)
  const known = pieces.get(file) ?? new Map<number, readonly (readonly Span[])[]>()
  pieces.set(file, known)
  const piece = known.get(start) ?? colorPiece(file.path, file.lines.slice(start, start + PIECE))
  known.set(start, piece)
  return piece[number - start] ?? []
}

function colorPiece(path: string, lines: readonly DiffLine[]): readonly (readonly Span[])[] {
  const guarded = lines.map(({ text }) => guardLong(text))
  const language = languageOf(path)
  if (!engine || language === undefined || guarded.some(text => text.length > LONGEST_COLORED))
    return guarded.map(text => [span(text)])
  // Each side is code by itself; what both have is colored as it is now.
  const out: (readonly Span[])[] = guarded.map(text => [span(text)])
  for (const gone of ['added', 'removed'] as const) {
    const side = [...lines.keys()].filter(at =>
      ['context', gone === 'added' ? 'removed' : 'added'].includes(lines[at]!.kind),
    )
    const colored = colorText(engine, side.map(at => guarded[at]!).join('\n'), language)
    for (const [index, at] of side.entries()) out[at] = colored[index] ?? out[at]!
  }
  return out
}

function guardLong(text: string): string {
  if (text.length <= LONGEST_SHOWN) return guard(text)
  return `${guard(text.slice(0, LONGEST_SHOWN))}… ${text.length - LONGEST_SHOWN} more characters`
}

const BY_NAME: Readonly<Record<string, string>> = { Makefile: 'makefile', '.bashrc': 'bash', 'go.mod': 'go' }

function languageOf(path: string): string | undefined {
  const name = path.split('/').at(-1)!
  const dot = name.lastIndexOf('.')
  const alias = BY_NAME[name] ?? (dot > 0 ? name.slice(dot + 1).toLowerCase() : undefined)
  return alias !== undefined && engine?.getLanguage(alias) ? alias : undefined
}

const ROLE_OF: Readonly<Record<string, Role>> = {
  keyword: 'keyword',
  built_in: 'accent',
  literal: 'number',
  number: 'number',
  string: 'string',
  regexp: 'string',
  comment: 'muted',
  doctag: 'muted',
  title: 'name',
  section: 'name',
  name: 'name',
  type: 'accent',
  attr: 'name',
  attribute: 'name',
  symbol: 'number',
  meta: 'accent',
  strong: 'strong',
  bullet: 'accent',
  code: 'string',
  variable: 'plain',
}
const PIECES = /<span class="hljs-([^"]*)">|<\/span>|([^<]+)/g
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
}

function colorText(with_: Engine, code: string, language: string): readonly (readonly Span[])[] {
  const html = with_.highlight(code, { language, ignoreIllegals: true }).value
  const rows: Span[][] = [[]]
  const roles: Role[] = ['plain']
  for (const [tag, name, text] of html.matchAll(PIECES)) {
    if (name !== undefined) roles.push(ROLE_OF[name.split(/[ .]/)[0]!] ?? roles.at(-1)!)
    else if (text === undefined) roles.pop()
    else
      for (const [index, part] of decode(text).split('\n').entries()) {
        if (index > 0) rows.push([])
        if (part !== '') rows.at(-1)!.push(span(part, roles.at(-1) ?? 'plain'))
      }
    if (tag === '</span>' && roles.length === 0) roles.push('plain')
  }
  return rows
}

function decode(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#x27);/g, entity => ENTITIES[entity]!)
}
