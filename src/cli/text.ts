/** How things look in a terminal: colours only where they are wanted, columns that line up, ages a person reads. */
import { styleText } from 'node:util'
import { sayMoment } from '../model/moment.ts'
import { visible } from '../model/visible.ts'
import { charWidth, widthOf, wrap } from '../model/width.ts'

export type Style = Parameters<typeof styleText>[0]

export function hasColour(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR || env.TERM === 'dumb') return false
  return Boolean(env.FORCE_COLOR && env.FORCE_COLOR !== '0') || stream.isTTY === true
}

let isColoured = false
export function setColour(on: boolean): void {
  isColoured = on
}

export function paint(style: Style, text: string): string {
  return isColoured ? styleText(style, text, { validateStream: false }) : text
}

// Of what \`paint\` writes: weight and color, set and ended. What conceals or blinks is none of it.
const PAINTED = /(\u001b\[(?:[0-4]|2[2-4]|3[0-7]|39|9[0-7])m)/

/** Text that may hold what agents wrote, with what hides in it made visible and our own colours kept. */
export function shown(text: string): string {
  if (!isColoured) return visible(text)
  return text
    .split(PAINTED)
    .map((piece, index) => (index % 2 === 1 ? piece : visible(piece)))
    .join('')
}

/** Left-aligned columns with two spaces between; the last is not padded. Widths are those of a terminal, colours apart. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  const cells = rows.map(row => row.map(cell => ({ text: shown(cell), width: widthOf(bare(shown(cell))) })))
  for (const row of cells)
    for (const [index, { width }] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width)
  return cells
    .map(row =>
      row
        .map(({ text, width }, index) => text + (index === row.length - 1 ? '' : ' '.repeat(widths[index]! - width)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function bare(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, '')
}

/** How long ago, as `howLong` says it. */
export function age(iso: string | number | undefined, now = Date.now()): string {
  return iso === undefined ? '' : howLong(now - new Date(iso).getTime())
}

/** `12 s`, `4 min`, `3 h`, `2 d`. */
export function howLong(ms: number): string {
  const seconds = Math.max(0, ms / 1000)
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} d`
}

export function clockTime(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8)
}

/** `14:05:09` of today, `11-20 14:05` of this year, `2025-11-20` of another. */
export function dayAndTime(iso: string, now = new Date()): string {
  const at = new Date(iso)
  if (at.toDateString() === now.toDateString()) return clockTime(iso)
  const month = String(at.getMonth() + 1).padStart(2, '0')
  const day = `${month}-${String(at.getDate()).padStart(2, '0')}`
  return at.getFullYear() === now.getFullYear() ? `${day} ${clockTime(iso).slice(0, 5)}` : `${at.getFullYear()}-${day}`
}

/** No longer than a row of the terminal; as it is where stdout is none. Colours are not counted, and do not leak out of the cut. */
export function cut(line: string, width = process.stdout.isTTY ? process.stdout.columns : undefined): string {
  if (!width || widthOf(bare(line)) <= width) return line
  let left = width - 1
  let end = ''
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith('\u001b')) {
      end += part
      continue
    }
    for (const letter of part) {
      if (left < 0) break
      left -= charWidth(letter)
      end += left < 0 ? '…' : letter
    }
  }
  return end
}

/** Words of ours, not painted yet, broken between words and not within them; the rows behind the first begin at this column. As it is where there is no terminal. */
export function hang(
  text: string,
  indent: number,
  width = process.stdout.isTTY ? process.stdout.columns : undefined,
): string {
  const room = (width ?? 0) - indent
  return room < 20 ? text : wrap(text, room).join(`\n${' '.repeat(indent)}`)
}

/** `15:04`, with seconds when it is near, with the date when it is not today: in this machine’s time zone. */
export function when(time: string | number, now = new Date()): string {
  const date = new Date(time)
  const isNear = Math.abs(date.getTime() - now.getTime()) < 120_000
  return `${sayMoment(date.getTime(), now.getTime())}${isNear ? date.toTimeString().slice(5, 8) : ''}`
}

const STATE_STYLE: Record<string, Style> = {
  ready: 'green',
  running: 'green',
  confirmed: 'green',
  acked: 'green',
  ok: 'green',
  busy: 'cyan',
  starting: 'cyan',
  handed: 'cyan',
  handing: 'cyan',
  claimed: 'cyan',
  queued: 'blue',
  waiting: 'yellow',
  held: 'yellow',
  limited: 'yellow',
  degraded: 'yellow',
  unknown: 'yellow',
  warn: 'yellow',
  expired: 'yellow',
  dead: 'red',
  down: 'red',
  hung: 'red',
  bad: 'red',
  stopped: 'gray',
  shell: 'gray',
  succeeded: 'green',
  merged: 'green',
  approved: 'green',
  checking: 'cyan',
  testing: 'cyan',
  merging: 'cyan',
  returned: 'red',
  rejected: 'red',
  'changes-requested': 'yellow',
  withdrawn: 'gray',
  verifying: 'cyan',
  blocked: 'gray',
  'awaiting-input': 'yellow',
  'awaiting-approval': 'yellow',
  failed: 'red',
  cancelled: 'gray',
  forgotten: 'gray',
}

export function state(name: string): string {
  return paint(STATE_STYLE[name] ?? 'reset', name)
}

/** An error for people: what happened, to what, what to type next. */
export function errorText(error: { code: string; message: string; hint?: string }): string {
  // It may quote what an agent wrote, or a file is called.
  const width = process.stderr.isTTY ? process.stderr.columns : undefined
  // Its code needs room as well. What there is to type next is left whole, so that it can be copied.
  const message = hang(visible(error.message), 7, width && width - error.code.length - 5)
  return `${paint('red', 'error')}  ${message}   ${paint('gray', `[${error.code}]`)}${error.hint ? `\n${paint('yellow', 'try')}    ${visible(error.hint)}` : ''}`
}

/** `30s`, `5m`, `2h`, `1d`, or seconds alone, in milliseconds; undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim())
  if (!match) return undefined
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? 's']!
  return Number(match[1]) * unit
}
