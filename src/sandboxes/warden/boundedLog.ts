/** A log that never grows over its bound. */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs'

const HEAD_BYTES = 8_000_000
const TAIL_BYTES = 512_000

export class BoundedLog {
  #fd: number
  #written = 0
  #dropped = 0
  #tail: Buffer[] = []
  #tailBytes = 0

  /**
   * ends: for what comes to an end: of what goes beyond the bound its end is kept, which is what tells.
   * goes on: for what does not: a full one is put aside as `.1`, and the next begins.
   */
  constructor(
    private readonly file: string,
    private readonly kind: 'ends' | 'goes on',
  ) {
    this.#fd = this.#open()
  }

  write(chunk: Buffer): void {
    if (this.kind === 'goes on' && this.#written > HEAD_BYTES) {
      closeSync(this.#fd)
      this.#fd = this.#open()
      this.#written = 0
    }
    if (this.kind === 'goes on' || this.#written + chunk.length <= HEAD_BYTES) {
      writeSync(this.#fd, chunk)
      this.#written += chunk.length
    } else this.#keep(chunk)
  }

  line(text: string): void {
    this.write(Buffer.from(`${text}\n`))
  }

  close(): void {
    if (this.#dropped > 0) writeSync(this.#fd, `\n… ${Math.round(this.#dropped / 1e6)} MB are left out here …\n`)
    for (const chunk of this.#tail) writeSync(this.#fd, chunk)
    this.#tail = []
    closeSync(this.#fd)
  }

  #keep(chunk: Buffer): void {
    this.#tail.push(chunk)
    this.#tailBytes += chunk.length
    while (this.#tailBytes - this.#tail[0]!.length >= TAIL_BYTES) {
      const { length } = this.#tail.shift()!
      this.#tailBytes -= length
      this.#dropped += length
    }
  }

  #open(): number {
    try {
      renameSync(this.file, `${this.file}.1`)
    } catch {
      // There was none.
    }
    return openSync(this.file, 'ax', 0o600)
  }
}
