/** Text that is safe to type into a terminal program: printable characters, tab and newline, nothing that moves a cursor or hides. */

// ESC and the other C0 controls (tab and newline apart), DEL, C1.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g
// Marks that re-order or hide what a person sees: bidi embeddings, overrides, isolates; zero-width and the byte-order mark.
const HIDDEN =
  /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|\u{e0001}|[\u{e0020}-\u{e007f}]/gu
// Half of a surrogate pair would leave as a replacement character of some other length.
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

export interface Sanitised {
  readonly text: string
  /** How many characters were removed or replaced; 0 means the text is exactly what was given. */
  readonly changes: number
}

/** CRLF and CR become newlines; every other control and hidden mark becomes U+FFFD, so that a reader sees that something was there. */
export function sanitise(text: string): Sanitised {
  let changes = 0
  const count = (replacement: string) => () => {
    changes++
    return replacement
  }
  const clean = text
    .replace(/\r\n?/g, count('\n'))
    .replace(CONTROLS, count('\ufffd'))
    .replace(HIDDEN, count('\ufffd'))
    .replace(LONE_SURROGATE, count('\ufffd'))
  return { text: clean, changes }
}

/** One line for lists and status bars: sanitised, white space folded, cut to `width` characters with an ellipsis. */
export function oneLine(text: string, width = 100): string {
  // A body may have megabytes, of which a line shows the first words.
  const head = text.slice(0, 8 * width)
  const flat = [...sanitise(head).text.replace(/\s+/g, ' ').trim()]
  const isWhole = flat.length <= width && text.slice(head.length).trim() === ''
  return isWhole ? flat.join('') : `${flat.slice(0, width - 1).join('')}…`
}
