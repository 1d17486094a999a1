/** The conversation on disk: what was shown and remembered, so that `--resume` goes on where a killed program was. */
import { appendFileSync, readFileSync } from 'node:fs'
import { AgencyError } from '../kernel/errors.ts'
import { parseJson } from '../kernel/json.ts'
import type { Entry } from './state.ts'

type SessionRecord =
  | { readonly entry: Entry }
  | { readonly vars: Readonly<Record<string, string>> }
  | { readonly once: number }
  | { readonly handled: string }

export class Session {
  readonly history: Entry[] = []
  readonly vars: Record<string, string> = {}
  /** Rules that have acted, by index. */
  readonly used = new Set<number>()
  /** Nonces of messages that were acted on to the end. */
  readonly handled = new Set<string>()
  readonly #path: string | undefined

  private constructor(path: string | undefined) {
    this.#path = path
  }

  static start(path: string | undefined): Session {
    const session = new Session(path)
    if (path) appendFileSync(path, '', { mode: 0o600 })
    return session
  }

  static resume(path: string | undefined, id: string): Session {
    const session = new Session(path)
    const text = readText(path, id)
    // The last line is half written when the program was killed in the middle of it.
    if (path && !text.endsWith('\n')) appendFileSync(path, '\n')
    for (const line of text.split('\n').filter(Boolean)) {
      const parsed = parseJson(line)
      if (parsed.ok) session.#restore(parsed.value as unknown as SessionRecord)
    }
    return session
  }

  keep(record: SessionRecord): void {
    this.#restore(record)
    if (this.#path) appendFileSync(this.#path, `${JSON.stringify(record)}\n`)
  }

  #restore(record: SessionRecord): void {
    if ('entry' in record) this.history.push(record.entry)
    else if ('vars' in record) Object.assign(this.vars, record.vars)
    else if ('once' in record) this.used.add(record.once)
    else if ('handled' in record) this.handled.add(record.handled)
  }
}

function readText(path: string | undefined, id: string): string {
  try {
    return readFileSync(path ?? '', 'utf8')
  } catch {
    throw new AgencyError('NOT_FOUND', `no conversation found with session id ${id}`, {
      hint: 'start without --resume; conversations are kept in $AGENCY_RUN',
    })
  }
}
