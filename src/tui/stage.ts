/** The terminal as a stage: the alternate screen with keys coming in and frames going out, and the terminal as it was at the end, however that comes. */
import { writeSync } from 'node:fs'
import { type Key, KeyDecoder } from '../kernel/keys.ts'
import { CLOSE, FramePainter, OPEN } from './framePainter.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

export interface StageEvents {
  readonly onKeys: (keys: readonly Key[]) => void
  readonly onResize: (size: Size) => void
  /** A signal, or the terminal that went away. */
  readonly onEnd: (exitCode: number) => void
}

// Long enough for the rest of an escape sequence, too short to be felt after a press of Esc.
const ESCAPE_MS = 30
const SIGNALS = { SIGTERM: 143, SIGHUP: 129, SIGINT: 130 } as const

export class Stage {
  readonly #painter = new FramePainter()
  readonly #decoder = new KeyDecoder()
  readonly #offs: (() => void)[] = []
  #escape: NodeJS.Timeout | undefined
  #isShown = false

  constructor(
    private readonly stdin: NodeJS.ReadStream,
    private readonly stdout: NodeJS.WriteStream,
    private readonly events: StageEvents,
  ) {}

  get size(): Size {
    return { columns: Math.max(20, this.stdout.columns || 80), rows: Math.max(5, this.stdout.rows || 24) }
  }

  open(): void {
    const { events } = this
    for (const [signal, code] of Object.entries(SIGNALS))
      this.#on(process, signal, () => {
        // Ctrl-C in a program that has the terminal is meant for that program, and reaches both.
        if (this.#isShown || signal !== 'SIGINT') events.onEnd(code)
      })
    // A crash leaves the terminal usable, too.
    this.#on(process, 'exit', () => this.#restoreNow())
    this.#on(this.stdout, 'resize', () => this.#resized())
    this.#on(this.stdin, 'end', () => events.onEnd(SIGNALS.SIGHUP))
    this.#on(this.stdin, 'error', () => events.onEnd(SIGNALS.SIGHUP))
    this.show()
  }

  /** Also what comes back from another program that had the terminal. */
  show(): void {
    if (this.#isShown) return
    this.#isShown = true
    this.stdout.write(OPEN)
    this.#painter.forget()
    this.stdin.setRawMode?.(true)
    this.stdin.on('data', this.#feed)
    this.stdin.resume()
  }

  /** The terminal belongs to another program, or to the shell again. */
  hide(): void {
    if (!this.#isShown) return
    this.#isShown = false
    clearTimeout(this.#escape)
    this.stdin.off('data', this.#feed)
    this.stdin.setRawMode?.(false)
    this.stdin.pause()
    this.stdout.write(CLOSE)
  }

  paint(frame: string): void {
    if (!this.#isShown) return
    const bytes = this.#painter.paint(frame, this.size.rows)
    if (bytes !== '') this.stdout.write(bytes)
  }

  /** The next frame is written whole: something else may have written over it. */
  repaint(): void {
    this.#painter.forget()
  }

  ring(): void {
    if (this.#isShown) this.stdout.write('\x07')
  }

  close(): void {
    this.hide()
    for (const off of this.#offs.splice(0)) off()
  }

  #feed = (bytes: Uint8Array | string): void => {
    clearTimeout(this.#escape)
    const keys = this.#decoder.feed(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    if (keys.length > 0) this.events.onKeys(keys)
    if (this.#decoder.isUndecided) this.#escape = setTimeout(() => this.events.onKeys(this.#decoder.flush()), ESCAPE_MS)
  }

  #resized(): void {
    this.#painter.forget()
    if (this.#isShown) this.stdout.write('\x1b[2J')
    this.events.onResize(this.size)
  }

  #restoreNow(): void {
    if (!this.#isShown) return
    this.#isShown = false
    try {
      this.stdin.setRawMode?.(false)
      writeSync(1, CLOSE)
    } catch {
      // The terminal is gone, and needs nothing.
    }
  }

  #on(emitter: NodeJS.EventEmitter, event: string, listener: () => void): void {
    emitter.on(event, listener)
    this.#offs.push(() => emitter.off(event, listener))
  }
}
