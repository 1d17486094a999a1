/** Bytes of the terminal → events, with the faults that concern input: late, swallowed and dropped. */
import { sleep } from '../kernel/abort.ts'
import { type Key, KeyDecoder } from '../kernel/keys.ts'
import type { Mischief } from './mischief.ts'
import type { KeyEvent } from './state.ts'

// Long enough for the rest of an escape sequence, too short to be felt after a press of Esc.
const ESCAPE_MS = 30

export class Input {
  readonly #decoder = new KeyDecoder()
  readonly #mischief: Mischief
  readonly #deliver: (event: KeyEvent) => void
  readonly #deafUntil: number
  #last: Promise<void> = Promise.resolve()
  #escape: NodeJS.Timeout | undefined

  constructor(mischief: Mischief, deliver: (event: KeyEvent) => void) {
    this.#mischief = mischief
    this.#deliver = deliver
    this.#deafUntil = performance.now() + mischief.milliseconds('deaf-at-start')
  }

  /** One chunk as it was read: what came in one chunk belongs together. */
  feed(bytes: Uint8Array): void {
    // A program may show its composer some time before it reads what is typed.
    const delay = Math.max(this.#mischief.milliseconds('slow'), this.#deafUntil - performance.now())
    if (delay <= 0) this.#decode(bytes)
    else this.#last = this.#last.then(() => sleep(delay)).then(() => this.#decode(bytes))
  }

  #decode(bytes: Uint8Array): void {
    clearTimeout(this.#escape)
    this.#deliverAll(this.#decoder.feed(bytes))
    if (this.#decoder.isUndecided) this.#escape = setTimeout(() => this.#deliverAll(this.#decoder.flush()), ESCAPE_MS)
  }

  #deliverAll(keys: readonly Key[]): void {
    let isJoined = false
    for (const key of keys) {
      if (key.kind === 'char') isJoined = true
      const isEnter = key.kind === 'key' && key.name === 'enter'
      if (isEnter && this.#mischief.take('swallow-enter')) continue
      this.#deliver({ on: 'key', key, isJoined: isEnter && isJoined })
    }
  }
}
