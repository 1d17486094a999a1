/** Reads tmux's control mode: what a command printed arrives in a block, everything else is a notification. */
import { StringDecoder } from 'node:string_decoder'

export interface Block {
  readonly type: 'block'
  /** False for the client's own first command and for what hooks of the person print. */
  readonly isAnswer: boolean
  readonly isError: boolean
  readonly lines: readonly string[]
}

export interface Notification {
  readonly type: 'notification'
  /** Without the percent sign: `sessions-changed`, `exit`. */
  readonly name: string
  readonly text: string
}

const BEGIN = /^%begin (\d+ \d+ (\d+))$/
const NOTIFICATION = /^%([a-z-]+) ?(.*)$/s

/** Fed with chunks as they come: they may end within a line or within a character. */
export class ControlParser {
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''
  /** Time, number and flags of the open block. Only a closing line that repeats them closes it: a pane may show any text. */
  #guard: string | undefined
  #isAnswer = false
  #lines: string[] = []

  feed(chunk: Buffer): (Block | Notification)[] {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n')
    this.#rest = lines.pop()!
    return lines
      .map(line => (this.#guard === undefined ? this.#outside(line) : this.#inside(line)))
      .filter(event => event !== undefined)
  }

  #outside(line: string): Notification | undefined {
    const begin = BEGIN.exec(line)
    if (begin) {
      this.#guard = begin[1]
      this.#isAnswer = begin[2] === '1'
      this.#lines = []
      return undefined
    }
    const [, name, text] = NOTIFICATION.exec(line) ?? []
    return name === undefined ? undefined : { type: 'notification', name, text: text ?? '' }
  }

  #inside(line: string): Block | undefined {
    const isError = line === `%error ${this.#guard}`
    if (!isError && line !== `%end ${this.#guard}`) {
      this.#lines.push(line)
      return undefined
    }
    this.#guard = undefined
    return { type: 'block', isAnswer: this.#isAnswer, isError, lines: this.#lines }
  }
}
