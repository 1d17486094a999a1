/** Turns the bytes of a terminal into keys and pastes, the same ones however the bytes were cut on the way. */

export type KeyName =
  | 'enter'
  | 'newline'
  | 'backspace'
  | 'delete'
  | 'escape'
  | 'tab'
  | 'shift-tab'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'page-up'
  | 'page-down'
  | 'ctrl-b'
  | 'ctrl-c'
  | 'ctrl-d'
  | 'ctrl-f'
  | 'ctrl-u'
  | 'ctrl-w'
  | 'ctrl-l'
  | 'other'

export type Key =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'key'; readonly name: KeyName }

const CONTROL: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'newline',
  '\t': 'tab',
  '\x01': 'home',
  '\x02': 'ctrl-b',
  '\x03': 'ctrl-c',
  '\x04': 'ctrl-d',
  '\x05': 'end',
  '\x06': 'ctrl-f',
  '\x08': 'backspace',
  '\x0c': 'ctrl-l',
  '\x15': 'ctrl-u',
  '\x17': 'ctrl-w',
  '\x7f': 'backspace',
}

// What follows `ESC [` or `ESC O`. Shift-Enter comes as 13;2u (kitty) or 27;2;13~ (xterm).
const SEQUENCE: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
  '1~': 'home',
  '3~': 'delete',
  '4~': 'end',
  '5~': 'page-up',
  '6~': 'page-down',
  '7~': 'home',
  '8~': 'end',
  '13u': 'enter',
  '13;2u': 'newline',
  '13;3u': 'newline',
  '27;2;13~': 'newline',
  '27;3;13~': 'newline',
}

const PASTE_START = '\x1b[200~'
const PASTE_END = '\x1b[201~'
const COMPLETE_CSI = /^\x1b\[(?<body>[0-9:;<=>?]*[ -/]*[@-~])/
const BEGUN_CSI = /^\x1b\[[0-9:;<=>?]*[ -/]*/

export class KeyDecoder {
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  #rest = ''
  #isPasting = false

  /** A lone ESC waits here: it is a key by itself, or the start of a sequence. The caller decides by time, with `flush`. */
  get isUndecided(): boolean {
    return !this.#isPasting && this.#rest !== ''
  }

  feed(bytes: Uint8Array): Key[] {
    this.#rest += this.#utf8.decode(bytes, { stream: true })
    const keys: Key[] = []
    for (let key = this.#next(); key; key = this.#next()) keys.push(key)
    return keys
  }

  /** Nothing more came: what waited is a key by itself. */
  flush(): Key[] {
    if (!this.isUndecided) return []
    const name = this.#rest === '\x1b' ? 'escape' : 'other'
    this.#rest = ''
    return [{ kind: 'key', name }]
  }

  #next(): Key | undefined {
    if (!this.#isPasting && this.#rest.startsWith(PASTE_START)) {
      this.#take(PASTE_START.length)
      this.#isPasting = true
    }
    if (this.#isPasting) return this.#paste()
    if (this.#rest === '') return undefined
    if (this.#rest[0] === '\x1b') return this.#escape()
    const char = this.#take(String.fromCodePoint(this.#rest.codePointAt(0)!).length)
    if (char < ' ' || char === '\x7f') return { kind: 'key', name: CONTROL[char] ?? 'other' }
    return { kind: 'char', char }
  }

  #paste(): Key | undefined {
    const end = this.#rest.indexOf(PASTE_END)
    if (end < 0) return undefined
    const text = this.#take(end).replace(/\r\n?/g, '\n')
    this.#take(PASTE_END.length)
    this.#isPasting = false
    return { kind: 'paste', text }
  }

  #escape(): Key | undefined {
    const second = this.#rest[1]
    if (second === undefined) return undefined
    if (second === '[') return this.#csi()
    if (second === 'O') {
      if (this.#rest.length < 3) return undefined
      return { kind: 'key', name: SEQUENCE[this.#take(3)[2]!] ?? 'other' }
    }
    if (second === '\x1b') {
      this.#take(1)
      return { kind: 'key', name: 'escape' }
    }
    this.#take(1 + String.fromCodePoint(this.#rest.codePointAt(1)!).length)
    return { kind: 'key', name: second === '\r' || second === '\n' ? 'newline' : 'other' }
  }

  #csi(): Key | undefined {
    const body = COMPLETE_CSI.exec(this.#rest)?.groups?.body
    if (body !== undefined) {
      this.#take(2 + body.length)
      return { kind: 'key', name: SEQUENCE[body] ?? 'other' }
    }
    const begun = BEGUN_CSI.exec(this.#rest)![0]
    if (begun.length === this.#rest.length) return undefined
    this.#take(begun.length)
    return { kind: 'key', name: 'other' }
  }

  #take(length: number): string {
    const taken = this.#rest.slice(0, length)
    this.#rest = this.#rest.slice(length)
    return taken
  }
}
