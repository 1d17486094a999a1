/** What each provider's HTTP form can do: read a request, write an answer as a stream or whole, refuse. */
import type { ModelRequest, ToolCall } from '../conversation.ts'

export interface Failure {
  readonly status: number
  readonly message: string
  /** Seconds. */
  readonly retryAfter?: number
  /** When a usage limit ends; without it, a failure that passes soon. */
  readonly resetAt?: Date
}

/** Why an answer ends: it is said, or a tool is to be run. */
export type Stop = 'said' | 'tool'

/** Server-sent events of one answer. Each method returns text to be written at once; one text may follow another. */
export interface Encoder {
  open(): string
  text(piece: string): string
  call(call: ToolCall): string
  close(stop: Stop): string
  /** The provider's way of failing when a part of the answer has left. */
  fault(failure: Failure): string
}

export interface Answer {
  readonly text: string
  readonly calls: readonly ToolCall[]
}

export interface Wire {
  /** `model` and `isStreamed` where the path says them and not the body. */
  read(body: unknown, path?: { readonly model: string; readonly isStreamed: boolean }): ModelRequest
  encoder(request: ModelRequest): Encoder
  whole(request: ModelRequest, answer: Answer): unknown
  refuse(failure: Failure): { readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
}

/** Named events, as Anthropic and the Responses API have them. */
export function namedEvent(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
}

export function plainEvent(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`
}

export function retryHeaders({ retryAfter, resetAt }: Failure, now = Date.now()): Record<string, string> {
  const seconds = retryAfter ?? (resetAt && Math.max(0, (resetAt.getTime() - now) / 1000))
  return seconds === undefined ? {} : { 'retry-after': String(Math.ceil(seconds)) }
}

/**
 * Counts of tokens, the same for every answer: programs sum up a conversation by themselves when counts come near the model's
 * limit, and that would cost a rehearsal its messages.
 */
export const TOKENS = { input: 1000, output: 20 } as const
