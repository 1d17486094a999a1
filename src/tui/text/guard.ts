/** Text of agents, files and programs for a screen: nothing in it moves the cursor, hides, or takes another width than we count. */
import { visible, withoutEmojiDetail } from '../../model/visible.ts'
import { charWidth } from '../../model/width.ts'

const PLAIN = /^[\x20-\x7e]*$/
const TAB = 4

/** One row of text, tabs as spaces to the next stop. What was there and cannot be shown is shown as U+FFFD, a carriage return as ␍. */
export function guard(text: string): string {
  if (PLAIN.test(text)) return text
  return expandTabs(withoutEmojiDetail(visible(text.replaceAll('\r', '␍'))).replaceAll('\n', ' '))
}

/** The rows of a text, each guarded. */
export function guardLines(text: string): string[] {
  return text.replace(/\r\n?/g, '\n').split('\n').map(guard)
}

function expandTabs(text: string): string {
  if (!text.includes('\t')) return text
  let out = ''
  let column = 0
  for (const char of text) {
    const piece = char === '\t' ? ' '.repeat(TAB - (column % TAB)) : char
    out += piece
    column += char === '\t' ? piece.length : charWidth(char)
  }
  return out
}
