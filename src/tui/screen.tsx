/** Runs a panel on a terminal until it ends: keys, sizes and time go in, frames come out. */
import { EventEmitter } from 'node:events'
import { render } from 'ink'
import type { Hands, Panel, ScreenEvent } from './panel.ts'
import { Stage } from './stage.ts'
import { Canvas, CanvasContext, TOKEN_COLUMNS } from './text/canvas.ts'

/** Resolves with the exit code when the panel or a signal closes it; the terminal is as it was. */
export async function runScreen<State, Event, Effect>(
  panel: Panel<State, Event, Effect>,
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
): Promise<number> {
  const end = new AbortController()
  let exitCode = 0
  let mistake: { readonly thrown: unknown } | undefined
  const close = (code: number) => {
    if (!end.signal.aborted) exitCode = code
    end.abort()
  }
  const stage = new Stage(stdin, stdout, {
    onKeys: keys => {
      for (const key of keys) dispatch({ on: 'key', key, at: Date.now() })
    },
    onResize: size => {
      sheet.resize(size)
      dispatch({ on: 'resize', size })
    },
    onEnd: close,
  })
  const sheet = new Sheet(stage)
  let state = panel.begin(stage.size, Date.now())
  let isDirty = false
  let alarm: NodeJS.Timeout | undefined

  // Whatever comes in one go is one frame.
  const refresh = () => {
    if (isDirty || end.signal.aborted) return
    isDirty = true
    setImmediate(() => {
      isDirty = false
      if (!end.signal.aborted) draw()
    })
  }
  const draw = () => {
    sheet.render(<panel.View state={state} />)
    clearTimeout(alarm)
    const at = panel.wakeAt(state)
    if (at !== undefined)
      alarm = setTimeout(() => dispatch({ on: 'clock', at: Date.now() }), Math.max(1, at - Date.now()))
  }
  const dispatch = (event: Event | ScreenEvent) => {
    if (end.signal.aborted) return
    try {
      const before = state
      const step = panel.step(state, event)
      state = step.state
      for (const effect of step.effects) panel.perform(effect, hands)
      // What an effect changed has come this way by itself.
      if (step.state === before) return
    } catch (thrown) {
      mistake ??= { thrown }
      return close(1)
    }
    refresh()
  }
  const hands: Hands<Event> = {
    dispatch,
    lend: async work => {
      stage.hide()
      try {
        return await work()
      } finally {
        if (!end.signal.aborted) stage.show()
        sheet.again()
      }
    },
    ring: () => stage.ring(),
    repaint: () => {
      stage.repaint()
      sheet.again()
    },
    close,
    signal: end.signal,
  }

  try {
    stage.open()
    panel.start(hands)
    draw()
    const failure = sheet.failure()
    await Promise.race([failure, new Promise<void>(resolve => end.signal.addEventListener('abort', () => resolve()))])
    if (mistake) throw mistake.thrown
    return exitCode
  } finally {
    end.abort()
    clearTimeout(alarm)
    sheet.close()
    stage.close()
  }
}

/**
 * Where ink writes: each frame as a whole (that is what `debug` means to it), of which the stage writes what differs. Ink by itself
 * would clear and rewrite a screen that it fills at every key, thirty times a second at most, and nothing at all where CI is set.
 */
class Sheet extends EventEmitter {
  readonly isTTY = true
  /** Of rows it gets tokens alone. */
  readonly columns = TOKEN_COLUMNS
  rows: number
  #last = ''
  #isClosed = false
  readonly #canvas = new Canvas()
  #app: ReturnType<typeof render> | undefined

  constructor(private readonly stage: Stage) {
    super()
    this.rows = stage.size.rows
  }

  render(node: React.ReactNode): void {
    const all = <CanvasContext.Provider value={this.#canvas}>{node}</CanvasContext.Provider>
    if (this.#app) this.#app.rerender(all)
    else {
      const stdout = this as unknown as NodeJS.WriteStream
      this.#app = render(all, { stdout, debug: true, exitOnCtrlC: false, patchConsole: false })
    }
  }

  /** Called by ink. */
  write(frame: string): boolean {
    // Where CI is set, ink writes its last frame once more when it ends: the terminal is the person's again by then.
    if (frame !== '' && !this.#isClosed) {
      this.#last = this.#canvas.fill(frame)
      this.stage.paint(this.#last)
    }
    return true
  }

  again(): void {
    this.stage.paint(this.#last)
  }

  resize({ rows }: { readonly rows: number }): void {
    this.rows = rows
  }

  /** Rejects with what a view threw. */
  async failure(): Promise<void> {
    await this.#app?.waitUntilExit()
  }

  close(): void {
    this.#isClosed = true
    this.stage.hide()
    this.#app?.unmount()
  }
}
