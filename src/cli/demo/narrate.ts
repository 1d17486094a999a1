/** One line for each step of the demo, as it happens. */

import { oneLine } from '../../model/sanitize.ts'
import { printable, widthOf } from '../../model/width.ts'
import type { MessageDocument } from '../documents.ts'
import { paint } from '../text.ts'

/** Where the text of a step begins, after the seconds. */
const INDENT = ' '.repeat(9)

export class Narrator {
  readonly #began = performance.now()

  /** @param width columns of the terminal; undefined where there is none: then each step is one line */
  constructor(
    private readonly write: (line: string) => void,
    private readonly width = process.stdout.isTTY ? process.stdout.columns : undefined,
  ) {}

  say(text: string): void {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1).padStart(5)
    this.write(`${paint('gray', `${seconds} s`)}  ${rowsOf(text, this.#room).join(`\n${INDENT}`)}`)
  }

  message(message: MessageDocument): void {
    const { from, type } = message
    const to = shortName(message)
    const told = describe(message)
    const head = `${paint('cyan', from)} → ${paint('cyan', to)}  ${paint('bold', type)}`
    const isShort = widthOf(`${from} → ${to}  ${type}  ${told}`) <= this.#room
    this.say(isShort ? `${head}  ${told}` : `${head}\n${told}`)
  }

  get #room(): number {
    return (this.width ?? Number.POSITIVE_INFINITY) - INDENT.length
  }
}

/** Broken at blanks, colors not counted; a word longer than a row stays whole, so that it can be copied. */
function rowsOf(text: string, columns: number): readonly string[] {
  const rows: string[] = []
  for (const line of text.split('\n')) {
    let row: string[] = []
    let used = -1
    for (const word of line.split(' ')) {
      const width = widthOf(printable(word))
      if (row.length > 0 && used + 1 + width > columns) {
        rows.push(row.join(' '))
        row = []
        used = -1
      }
      used += width + 1
      row.push(word)
    }
    rows.push(row.join(' '))
  }
  return rows
}

/** Within one agency its name is said once. */
function shortName({ from, to }: MessageDocument): string {
  const [agency, agent] = to.split('/')
  return agent !== undefined && from.split('/')[0] === agency ? agent : to
}

function describe(message: MessageDocument): string {
  const payload = readPayload(message.body)
  if (payload?.type === 'handoff') return `${payload.task}: please test ${payload.branch}`
  if (payload?.type === 'results')
    return `${payload.task}: ${payload.status}${payload.notes ? `, ${oneLine(String(payload.notes), 110)}` : ''}${payload.report ? `  (report: ${payload.report})` : ''}`
  // What the person is told is what all of it was for.
  return oneLine(withoutPrefix(message), message.to === 'human' ? 600 : 240)
}

/** Without what stands before it already, type and sender, and without the line that is for the daemon. */
function withoutPrefix({ body, from, type }: MessageDocument): string {
  const prefix = `${type} ${from.split('/')[1] ?? from}: `
  const words = body.startsWith(prefix) ? body.slice(prefix.length) : body
  return words.replace(/\n\{"submit"[^\n]*\}\s*$/, '')
}

function readPayload(body: string): Record<string, unknown> | undefined {
  if (!body.startsWith('{')) return undefined
  try {
    return JSON.parse(body) as Record<string, unknown>
  } catch {
    return undefined
  }
}
