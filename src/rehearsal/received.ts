/** The received log: one JSON line per thing that truly arrived, written before anything else is done with it. */
import { appendFileSync } from 'node:fs'
import { digestOf } from './message.ts'
import type { Arrival } from './state.ts'

export type LogKind = Arrival | 'start' | 'end' | 'failed'

export class ReceivedLog {
  readonly #path: string | undefined

  constructor(path: string | undefined) {
    this.#path = path
  }

  /** Written before it returns, so that a kill -9 just after loses nothing. */
  write(kind: LogKind, text: string, details: Readonly<Record<string, string>> = {}): void {
    if (!this.#path) return
    const digest = kind === 'prompt' || kind === 'queued' || kind === 'swallowed' ? digestOf(text) : {}
    const entry = { at: Date.now(), kind, text, bytes: Buffer.byteLength(text), ...digest, ...details }
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
  }
}
