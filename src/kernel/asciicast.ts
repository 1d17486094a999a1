/** Recordings of a terminal: asciicast v2, one JSON value on each line, as `asciinema play` takes it. */

export interface CastEvent {
  readonly seconds: number
  readonly text: string
}

const WIDTH = 120
const HEIGHT = 40

export function castHeader({ title, at }: { title: string; at: number }): string {
  const env = { TERM: 'xterm-256color', SHELL: '/bin/sh' }
  return `${JSON.stringify({ version: 2, width: WIDTH, height: HEIGHT, timestamp: Math.floor(at / 1000), title, env })}\n`
}

/** What came from a pipe has bare line feeds, which a terminal needs a carriage return for. */
export function castEvent({ seconds, text }: CastEvent): string {
  return `${JSON.stringify([Math.round(seconds * 1e6) / 1e6, 'o', text.replace(/\r?\n/g, '\r\n')])}\n`
}

export function isCast(text: string): boolean {
  const end = text.indexOf('\n')
  const head = parsed(end < 0 ? text : text.slice(0, end)) as { version?: unknown } | undefined
  return head?.version === 2
}

/** What it shows, in order; lines that are none are passed over, as a recording may end in the middle of one. */
export function readCast(text: string): readonly CastEvent[] {
  const [, ...lines] = text.split('\n')
  return lines.flatMap(line => {
    const event = parsed(line)
    if (!Array.isArray(event) || event[1] !== 'o') return []
    const [seconds, , shown] = event as unknown[]
    return typeof seconds === 'number' && typeof shown === 'string' ? [{ seconds, text: shown }] : []
  })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
