/** Words for tmux: one command is a list of words, and nobody but this file writes them as a line. */
import { AgencyError } from '../../kernel/errors.ts'

/** A tmux command and its arguments, unquoted. */
export type Command = readonly string[]

/** Needs no quotes anywhere in tmux's grammar. `%if`, `A=b`, `{` and `#` are special only outside of quotes. */
const PLAIN = /^[A-Za-z@/-][\w@/.:-]*$/
const SPECIAL = /[\\"$~\x01-\x1f\x7f]/g
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' }

/** One argument, so that tmux reads back exactly `text`. A newline cannot stand in quotes: the control mode takes one command a line. */
export function quote(text: string): string {
  if (text.includes('\0')) throw new AgencyError('USAGE', `tmux cannot take a NUL character: ${JSON.stringify(text)}`)
  return PLAIN.test(text) ? text : `"${text.replace(SPECIAL, escapeCharacter)}"`
}

function escapeCharacter(character: string): string {
  if (NAMED[character]) return NAMED[character]
  if (character >= ' ' && character !== '\x7f') return `\\${character}`
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`
}

export function commandLine(...commands: readonly Command[]): string {
  return commands.map(words => words.map(quote).join(' ')).join(' ; ')
}

/** Text for an argument that tmux expands as a format (names, folders, paths of files), so that it comes out as it is. */
export function literal(text: string): string {
  // tmux halves a run of `#`, except before `[`, where it takes the run for the start of a style and leaves it alone.
  return text.replace(/#+(?!#|\[)/g, run => run + run)
}

/** The same for a message in the status bar: `%` goes through strftime, and what looks like a style would colour the bar. */
export function literalMessage(text: string): string {
  return text.replaceAll('#', '##').replaceAll('%', '%%')
}
