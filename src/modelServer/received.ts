/** What the model truly received and what became of it, as JSON lines. No header is ever kept: they carry keys. */
import { appendFileSync } from 'node:fs'
import { AgencyError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { partsOf } from './context.ts'
import { type Api, type ModelRequest, newest } from './conversation.ts'
import type { Outcome } from './play.ts'

export interface RequestRecord {
  readonly kind: 'request'
  readonly id: string
  readonly time: string
  readonly api: Api
  readonly model: string
  /** A title, a quota check, a summary: the program asked for itself. */
  readonly isSide: boolean
  readonly system: string
  /** What was said since the model last spoke, byte for byte. */
  readonly texts: readonly string[]
  /** What the program added by itself since then. */
  readonly context: readonly string[]
  readonly results: readonly { readonly callId: string; readonly text: string }[]
  /** Length of the conversation, with what it has said itself. */
  readonly turns: number
  /** Names of the tools it offers. */
  readonly tools: readonly string[]
  /** The rules that act, counted from 1; none for the default answer and for further steps. */
  readonly rules: readonly number[]
  /** What the answer will be: `say`, `run`, … */
  readonly steps: readonly string[]
}

export interface EndRecord {
  readonly kind: 'end'
  /** Of the request. */
  readonly id: string
  readonly time: string
  readonly outcome: Outcome
  readonly ms: number
}

/** A request that the server does not know. */
export interface UnknownRecord {
  readonly kind: 'unknown'
  readonly time: string
  readonly method: string
  readonly path: string
}

export type ServerRecord = RequestRecord | EndRecord | UnknownRecord

/** A long rehearsal must not grow without end; the file has all. */
const MOST_KEPT = 1000

export class Received {
  readonly #file: string | undefined
  readonly #onRecord: (record: ServerRecord) => void
  readonly #requests: (RequestRecord & { outcome?: Outcome })[] = []

  constructor(file: string | undefined, onRecord: (record: ServerRecord) => void) {
    this.#file = file
    this.#onRecord = onRecord
    if (file !== undefined) begin(file)
  }

  get requests(): readonly (RequestRecord & { readonly outcome?: Outcome })[] {
    return this.#requests
  }

  request(request: ModelRequest, how: Pick<RequestRecord, 'isSide' | 'rules' | 'steps'>): RequestRecord {
    const record: RequestRecord = { kind: 'request', id: newId(), time: now(), ...describe(request), ...how }
    this.#requests.push({ ...record })
    if (this.#requests.length > MOST_KEPT) this.#requests.shift()
    this.#keep(record)
    return record
  }

  end({ id, time }: RequestRecord, outcome: Outcome): void {
    const request = this.#requests.find(candidate => candidate.id === id)
    if (request) request.outcome = outcome
    this.#keep({ kind: 'end', id, time: now(), outcome, ms: Date.now() - Date.parse(time) })
  }

  unknown(method: string, path: string): void {
    this.#keep({ kind: 'unknown', time: now(), method, path })
  }

  #keep(record: ServerRecord): void {
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(record)}\n`, { mode: 0o600 })
    this.#onRecord(record)
  }
}

function begin(file: string): void {
  try {
    appendFileSync(file, '', { mode: 0o600 })
  } catch (error) {
    throw new AgencyError('ENVIRONMENT', `${file} cannot be written: ${(error as Error).message}`)
  }
}

function describe(request: ModelRequest) {
  const turns = newest(request)
  const parts = turns.flatMap(turn => (turn.by === 'user' ? [partsOf(turn.text)] : []))
  return {
    api: request.api,
    model: request.model,
    system: request.system,
    texts: parts.flatMap(({ said }) => said ?? []),
    context: parts.flatMap(({ context }) => context),
    results: turns.flatMap(turn => (turn.by === 'tool' ? [{ callId: turn.callId, text: turn.text }] : [])),
    turns: request.turns.length,
    tools: request.tools.map(tool => tool.name),
  }
}

function now(): string {
  return new Date().toISOString()
}
