/** A step of something long, told on a terminal's stderr as it begins, and with the seconds that it takes. One line, nothing in a pipe. */
import { sleep } from '../kernel/abort.ts'
import { visible } from '../model/visible.ts'
import { cut, howLong, paint } from './text.ts'
import type { Context } from './verb.ts'

export interface Progress {
  step(text: string): void
  /** Before anything else is written, and at the end. */
  end(): void
}

/** Of a long request: each line of its stream but the last is a step. */
export function steps(context: Pick<Context, 'progress'>): (line: unknown) => void {
  return line => context.progress(String((line as { progress?: string }).progress))
}

const EVERY_MS = 1_000
const LEFT = 'left: the daemon goes on with what was begun   (agency status, agency log --since 1m)'
const CLEAR_LINE = '\r\u001b[K'

export function progressOn(stream: NodeJS.WriteStream, isSilent: boolean): Progress {
  let running: AbortController | undefined
  // Ended as the signal would have ended it, so that a shell's loop ends too.
  const leave = () => {
    end()
    stream.write(`${paint('gray', LEFT)}\n`)
    process.kill(process.pid, 'SIGINT')
  }
  const end = () => {
    process.off('SIGINT', leave)
    if (running) stream.write('\n')
    running?.abort()
    running = undefined
  }
  if (isSilent || !stream.isTTY) return { step: () => undefined, end }
  return {
    step(text) {
      end()
      running = new AbortController()
      process.once('SIGINT', leave)
      stream.write(line(stream, text))
      void count(stream, text, running.signal)
    },
    end,
  }
}

async function count(stream: NodeJS.WriteStream, text: string, signal: AbortSignal): Promise<void> {
  const began = performance.now()
  for (;;) {
    await sleep(EVERY_MS, signal)
    if (signal.aborted) return
    stream.write(`${CLEAR_LINE}${line(stream, `${text}  ${howLong(performance.now() - began)}`)}`)
  }
}

/** Never longer than the terminal is wide: a wrapped line cannot be cleared. */
function line(stream: NodeJS.WriteStream, text: string): string {
  return paint('gray', cut(`· ${visible(text)}`, Math.max(10, (stream.columns || 80) - 1)))
}
