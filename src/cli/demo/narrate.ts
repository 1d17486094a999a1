/** One line for each step of the demo, as it happens. */

import { oneLine } from '../../model/sanitize.ts'
import { widthOf, wrap } from '../../model/width.ts'
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
    // What is painted is short, or cut into rows already.
    const rows = text.includes('\u001b') ? text.split('\n') : wrap(text, this.#room)
    this.write(`${paint('gray', `${seconds} s`)}  ${rows.join(`\n${INDENT}`)}`)
  }

  message(message: MessageDocument): void {
    const { from, type } = message
    const to = shortName(message)
    const told = describe(message)
    const head = `${paint('cyan', from)} → ${paint('cyan', to)}  ${paint('bold', type)}`
    const isShort = widthOf(`${from} → ${to}  ${type}  ${told}`) <= this.#room
    this.say(isShort ? `${head}  ${told}` : [head, ...wrap(told, this.#room)].join('\n'))
  }

  get #room(): number {
    return (this.width ?? Number.POSITIVE_INFINITY) - INDENT.length
  }
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

/** The type and the sender, which a text begins with, stand before it already. */
function withoutPrefix({ body, from, type }: MessageDocument): string {
  const prefix = `${type} ${from.split('/')[1] ?? from}: `
  return body.startsWith(prefix) ? body.slice(prefix.length) : body
}

function readPayload(body: string): Record<string, unknown> | undefined {
  if (!body.startsWith('{')) return undefined
  try {
    return JSON.parse(body) as Record<string, unknown>
  } catch {
    return undefined
  }
}
