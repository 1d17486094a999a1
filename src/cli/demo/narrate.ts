/** One line for each step of the demo, as it happens. */

import { oneLine } from '../../model/sanitize.ts'
import type { MessageDocument } from '../documents.ts'
import { paint } from '../text.ts'

export class Narrator {
  readonly #began = performance.now()

  constructor(private readonly write: (line: string) => void) {}

  say(text: string): void {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1).padStart(5)
    this.write(`${paint('gray', `${seconds} s`)}  ${text}`)
  }

  message(message: MessageDocument): void {
    this.say(
      `${paint('cyan', message.from)} → ${paint('cyan', message.to)}  ${paint('bold', message.type)}  ${describe(message)}`,
    )
  }
}

function describe(message: MessageDocument): string {
  const payload = readPayload(message.body)
  if (payload?.type === 'handoff') return `${payload.task}: please test ${payload.branch}`
  if (payload?.type === 'results')
    return `${payload.task}: ${payload.status}${payload.notes ? `, ${oneLine(String(payload.notes), 110)}` : ''}${payload.report ? `  (report: ${payload.report})` : ''}`
  // What the person is told is what all of it was for.
  return oneLine(message.body, message.to === 'human' ? 600 : 140)
}

function readPayload(body: string): Record<string, unknown> | undefined {
  if (!body.startsWith('{')) return undefined
  try {
    return JSON.parse(body) as Record<string, unknown>
  } catch {
    return undefined
  }
}
