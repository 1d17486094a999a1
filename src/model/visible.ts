/**
 * Text that shows everything it holds: nothing in it hides, turns letters around, or stacks over other rows. The one rule for what agents, files
 * and programs wrote, in lists and on screens. What writing needs stays: marks over letters, joiners within emoji and scripts that join. Pure.
 */
import { sanitise } from './sanitize.ts'
import { charWidth } from './width.ts'

const SHOWN = '\ufffd'
const PLAIN = /^[\x20-\x7e\t]*$/

// Where it joins or shapes what stands beside it: within an emoji, between letters of scripts that join, after a sign that takes a vowel away.
const EMOJI_JOINER = '(?<=\\p{Extended_Pictographic}[\\ufe0f\\p{Emoji_Modifier}]?)\\u200d(?=\\p{Extended_Pictographic})'
const EMOJI_LOOK = [
  '(?<=\\p{Extended_Pictographic})[\\ufe0e\\ufe0f]',
  '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
  '(?<=\\p{Emoji_Modifier_Base}\\ufe0f?)\\p{Emoji_Modifier}',
].join('|')
const JOINING = '[\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Nko}\\p{Script=Mongolian}]'
const VIRAMA =
  '[\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d4d\\u0dca\\u0f84\\u1039\\u103a\\u17d2\\u1a60\\u1b44\\ua9c0]'
const SCRIPT_JOINER = `(?<=${JOINING}\\p{M}*)\\u200c(?=${JOINING})|(?<=${VIRAMA})[\\u200c\\u200d]`
const SCRIPT_LOOK =
  '(?<=\\p{Script=Han})[\\ufe00-\\ufe02\\u{e0100}-\\u{e01ef}]|(?<=\\p{Script=Mongolian})[\\u180b-\\u180d\\u180f]'
// What a terminal shows as nothing at all: soft hyphen, joiners, fillers, separators, selectors of a look, marks of notation.
const INVISIBLE = [
  '[\\u00ad\\u115f\\u1160\\u200c\\u200d\\u2028\\u2029\\u3164\\uffa0\\u034f\\u17b4\\u17b5\\u180b-\\u180f\\ufe00-\\ufe0f]',
  '\\p{Emoji_Modifier}|[\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0100}-\\u{e01ef}]',
].join('|')
const NEEDED_OR_HIDDEN = new RegExp(
  `(${[EMOJI_JOINER, EMOJI_LOOK, SCRIPT_JOINER, SCRIPT_LOOK].join('|')})|${INVISIBLE}`,
  'gu',
)
/** How an emoji is to look and what it is joined to is no secret, and terminals disagree about its width. */
const EMOJI_DETAIL = new RegExp(`${EMOJI_JOINER}|${EMOJI_LOOK}`, 'gu')
const MARK = /\p{Mn}|\p{Me}/u
const MOST_MARKS = 3
const JOINERS: ReadonlySet<string> = new Set(['\u200c', '\u200d'])

/** Lines and tabs stay; each thing that hides is shown as U+FFFD. */
export function visible(text: string): string {
  return sanitise(text).text.split('\n').map(visibleLine).join('\n')
}

function visibleLine(line: string): string {
  if (PLAIN.test(line)) return line
  return boundMarks(line).replace(NEEDED_OR_HIDDEN, (_, needed?: string) => needed ?? SHOWN)
}

/** For where each character is to take the columns that it is counted with. */
export function withoutEmojiDetail(text: string): string {
  return text.replace(EMOJI_DETAIL, '')
}

/** Marks that stack over a character stay with it: none without one, and never a tower over the rows above. */
function boundMarks(text: string): string {
  if (!MARK.test(text)) return text
  let marks = MOST_MARKS
  let out = ''
  for (const char of text) {
    if (charWidth(char) > 0) marks = 0
    else if (!JOINERS.has(char) && ++marks > MOST_MARKS) {
      out += SHOWN
      continue
    }
    out += char
  }
  return out
}
