/** How deep YAML is nested, told from its tokens: brackets and dashes in a text or a comment are no depth. */
import { Lexer } from 'yaml'

/** Deeper than anything that is meant; far less than where the parser runs out of stack, which may end the whole process. */
const MOST_DEPTH = 200
/** Columns of a line's indentation: each level has one at least. */
const MOST_INDENT = MOST_DEPTH * 10

/** What the lexer puts before a scalar, whatever its text is. */
const SCALAR = '\u001f'
const OPENS: ReadonlySet<string> = new Set(['[', '{'])
const CLOSES: ReadonlySet<string> = new Set([']', '}'])
/** Each nests what follows on the same line. */
const NESTS: ReadonlySet<string> = new Set(['-', '?', ':'])

export function isNestedTooDeep(text: string): boolean {
  let flow = 0
  let onLine = 0
  let before = '\n'
  for (const token of new Lexer().lex(text)) {
    if (before !== SCALAR) {
      if (OPENS.has(token)) flow++
      else if (CLOSES.has(token)) flow = Math.max(0, flow - 1)
      else if (token === '\n' || token === '\r\n') onLine = 0
      else if (flow === 0 && NESTS.has(token)) onLine++
      else if (before === '\n' && token.length >= MOST_INDENT && token.trim() === '') return true
    }
    if (flow > MOST_DEPTH || onLine >= MOST_DEPTH) return true
    before = token
  }
  return false
}
