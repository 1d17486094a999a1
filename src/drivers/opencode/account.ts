/** What an opencode's events say of one conversation, in the words that its profile reads: status, asked, prompt. */
import { isObject } from '../../kernel/json.ts'
import type { OpencodeEvent } from './events.ts'

type Emit = (event: string, payload: unknown) => void

/** How its server shows it at one moment. */
export interface Shown {
  /** Of each conversation that is not idle. */
  readonly status: unknown
  /** Open permissions and questions. */
  readonly requests: readonly unknown[]
}

export class Account {
  /** Words of the requests that wait for an answer, by their id. */
  readonly #asked = new Map<string, string>()
  /** Messages of the user of which the words have not been told yet. */
  readonly #fromUser = new Set<string>()
  #status: Readonly<Record<string, unknown>> = { type: 'idle' }

  constructor(
    private readonly conversation: string,
    private readonly emit: Emit,
  ) {}

  /** After a time without events. */
  restate({ status, requests }: Shown): void {
    this.#asked.clear()
    for (const request of requests) if (isObject(request)) this.#asked.set(String(request.id), wordsOf(request))
    const own = isObject(status) ? status[this.conversation] : undefined
    this.#turn(isObject(own) ? own : { type: 'idle' })
  }

  take({ type, properties }: OpencodeEvent): void {
    if (type === 'permission.asked' || type === 'question.asked') {
      this.#asked.set(String(properties.id), wordsOf(properties))
      this.#tell()
    } else if (/^(permission|question)\.(replied|rejected)$/.test(type)) {
      this.#asked.delete(String(properties.requestID))
      this.#tell()
    } else if (properties.sessionID === this.conversation) this.#takeOwn(type, properties)
  }

  #takeOwn(type: string, { status, info, part, error }: Readonly<Record<string, unknown>>): void {
    if (type === 'session.status' && isObject(status)) this.#turn(status)
    if (type === 'session.error' && isObject(error)) this.emit('error', error)
    if (type === 'message.updated' && isObject(info) && info.role === 'user') this.#fromUser.add(String(info.id))
    if (type === 'message.part.updated' && isObject(part) && part.type === 'text')
      if (this.#fromUser.has(String(part.messageID)))
        // The words of a user's message come once; those of an answer grow.
        this.emit('prompt', { prompt: part.text })
  }

  /** At the end of a turn nothing can be open any more. */
  #turn(status: Readonly<Record<string, unknown>>): void {
    this.#status = status
    if (status.type === 'idle') {
      this.#asked.clear()
      this.#fromUser.clear()
    }
    this.#tell()
  }

  /** An open dialog hides that the turn goes on. */
  #tell(): void {
    const [question] = this.#asked.values()
    if (question === undefined) this.emit('status', this.#status)
    else this.emit('asked', { question })
  }
}

function wordsOf(request: Readonly<Record<string, unknown>>): string {
  const { permission, patterns, questions } = request
  if (Array.isArray(questions))
    return questions.map(one => (isObject(one) ? String(one.question ?? one.header ?? '') : '')).join('\n')
  const what = Array.isArray(patterns) ? patterns.join(', ') : ''
  return `asks for permission: ${String(permission ?? '')} ${what}`.trim()
}
