/** Draws when something changed, and by the clock only while a clock is on the screen: an idle agent costs nothing. */

import type { Frame, Size } from './frame.ts'
import { OPEN_TERMINAL, Painter } from './painter.ts'
import { moodOf, QUIT_WINDOW_MS, type State } from './state.ts'
import { view } from './view.ts'

const SPINNER_MS = 250
const REDRAW_MS = 50

export interface DisplayOptions {
  readonly state: () => State
  /** Misbehaviour: repaint all the time, with a clock that runs. */
  readonly isRestless: () => boolean
  readonly hasTitle: () => boolean
}

export class Display {
  readonly #painter = new Painter()
  readonly #options: DisplayOptions
  #scheduled: NodeJS.Immediate | undefined
  #tick: NodeJS.Timeout | undefined
  #isOpen = false

  constructor(options: DisplayOptions) {
    this.#options = options
  }

  open(): void {
    this.#isOpen = true
    process.stdout.write(OPEN_TERMINAL)
    process.stdout.on('resize', this.refresh)
    this.#paint()
  }

  /** Many changes in one go are one drawing. */
  refresh = (): void => {
    if (this.#isOpen) this.#scheduled ??= setImmediate(() => this.#paint())
  }

  /** The screen stays as it is, for ever: what a hung program looks like. */
  freeze(): void {
    this.#paint()
    this.#stop()
  }

  close(): void {
    const wasOpen = this.#isOpen
    if (wasOpen) this.#paint()
    this.#stop()
    if (wasOpen) process.stdout.write(this.#painter.leave())
  }

  /** Stops drawing and cleans nothing up, but for the wrapping of lines, which a shell cannot do without. */
  abandon(): void {
    this.#stop()
    process.stdout.write('\x1b[?7h\x1b[?25h')
  }

  #stop(): void {
    this.#isOpen = false
    clearImmediate(this.#scheduled)
    clearTimeout(this.#tick)
    process.stdout.off('resize', this.refresh)
  }

  #paint(): void {
    this.#scheduled = undefined
    if (!this.#isOpen) return
    const state = this.#options.state()
    const bytes = this.#painter.paint(this.#frame(state, sizeNow()), sizeNow())
    if (bytes) process.stdout.write(bytes)
    clearTimeout(this.#tick)
    const everyMs = this.#tickMs(state)
    if (everyMs !== undefined) this.#tick = setTimeout(() => this.#paint(), everyMs)
  }

  #frame(state: State, size: Size): Frame {
    const now = Date.now()
    const clock = this.#options.isRestless() ? new Date(now).toISOString().slice(11, 22) : ''
    const frame = view(state, size, now, clock)
    return this.#options.hasTitle() ? frame : { ...frame, title: '' }
  }

  #tickMs(state: State): number | undefined {
    if (this.#options.isRestless()) return REDRAW_MS
    if (moodOf(state) === 'busy') return SPINNER_MS
    const left = state.quitArmedAt + QUIT_WINDOW_MS - Date.now()
    return left > 0 ? left : undefined
  }
}

function sizeNow(): Size {
  return { columns: Math.max(8, process.stdout.columns || 80), rows: Math.max(3, process.stdout.rows || 24) }
}
