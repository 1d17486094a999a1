/** Records what a command prints, as a terminal would have shown it. */
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { castEvent, castHeader } from './asciicast.ts'

/** What comes after it is in the log. */
const MOST_BYTES = 4_000_000

export class Recording {
  readonly #fd: number
  readonly #begun = performance.now()
  readonly #decoder = new StringDecoder('utf8')
  #bytes = 0

  constructor(file: string, title: string) {
    try {
      unlinkSync(file)
    } catch {
      // There was none.
    }
    this.#fd = openSync(file, 'ax', 0o600)
    writeSync(this.#fd, castHeader({ title, at: Date.now() }))
    this.#show(`$ ${title}\n`)
  }

  write(chunk: Buffer): void {
    if (this.#bytes > MOST_BYTES) return
    this.#bytes += chunk.length
    // A letter may be cut in two by the pipe.
    this.#show(this.#decoder.write(chunk))
    if (this.#bytes > MOST_BYTES) this.#show('\n… it goes on; the log has its end …\n')
  }

  close(how: string): void {
    this.#show(`${this.#decoder.end()}\n[${how}]\n`)
    closeSync(this.#fd)
  }

  #show(text: string): void {
    if (text === '') return
    try {
      writeSync(this.#fd, castEvent({ seconds: (performance.now() - this.#begun) / 1000, text }))
    } catch {
      // A disk that takes no more costs the recording, and nothing else.
      this.#bytes = Number.POSITIVE_INFINITY
    }
  }
}
