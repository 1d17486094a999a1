/** Text of agents, files and programs for a screen: nothing in it moves the cursor, hides, or takes another width than we count. */
import { sanitise } from '../../model/sanitize.ts'
import { charWidth } from '../../model/width.ts'

const SHOWN = '\ufffd'
// What a terminal shows as nothing at all: soft hyphen, joiners, fillers, separators, variation selectors.
const INVISIBLE = new RegExp(
  [
    '[\\u00ad\\u115f\\u1160\\u200c\\u200d\\u2028\\u2029\\u3164\\uffa0]|\\u034f|\\u17b4|\\u17b5',
    '\\p{Emoji_Modifier}|[\\u180b-\\u180f]|[\\ufe00-\\ufe0f]|[\\u{1bca0}-\\u{1bca3}]|[\\u{1d173}-\\u{1d17a}]|[\\u{e0100}-\\u{e01ef}]',
  ].join('|'),
  'gu',
)
// How an emoji is to look is no secret, and terminals disagree about its width.
const EMOJI_STYLE = /(?<=\p{Emoji})\ufe0f|(?<=\p{Emoji_Modifier_Base}\ufe0f?)\p{Emoji_Modifier}/gu
const MARK = /\p{Mn}|\p{Me}/u
const MOST_MARKS = 3
const PLAIN = /^[\x20-\x7e]*$/
const TAB = 4

/** One row of text, tabs as spaces to the next stop. What was there and cannot be shown is shown as U+FFFD, a carriage return as ␍. */
export function guard(text: string): string {
  if (PLAIN.test(text)) return text
  const clean = sanitise(text.replaceAll('\r', '␍')).text.replace(EMOJI_STYLE, '').replace(INVISIBLE, SHOWN)
  return expandTabs(boundMarks(clean).replaceAll('\n', ' '))
}

/** The rows of a text, each guarded. */
export function guardLines(text: string): string[] {
  return text.replace(/\r\n?/g, '\n').split('\n').map(guard)
}

/** Marks that stack over a character stay with it: none without one, and never a tower over the rows above. */
function boundMarks(text: string): string {
  if (!MARK.test(text)) return text
  let marks = MOST_MARKS
  let out = ''
  for (const char of text) {
    if (charWidth(char) > 0) marks = 0
    else if (++marks > MOST_MARKS) {
      out += SHOWN
      continue
    }
    out += char
  }
  return out
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
