/** How an answer leaves: as a stream while it is made, or whole at its end. */
import type { ServerResponse } from 'node:http'
import type { ModelRequest, ToolCall } from './conversation.ts'
import type { Encoder, Failure, Stop, Wire } from './wire/wire.ts'

export interface Voice {
  /** Lets the program know that an answer has begun. */
  begin(): void
  say(piece: string): void
  call(call: ToolCall): void
  close(stop: Stop): void
  fail(failure: Failure): void
  /** Destroys the connection when the beginning of an answer has left. */
  cut(): Promise<void>
}

export function voiceFor(wire: Wire, request: ModelRequest, response: ServerResponse): Voice {
  return request.isStreamed ? new Streamed(wire, request, response) : new Whole(wire, request, response)
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

function refuse(wire: Wire, response: ServerResponse, failure: Failure): void {
  const { headers, body } = wire.refuse(failure)
  sendJson(response, failure.status, body, headers)
}

class Streamed implements Voice {
  readonly #wire: Wire
  readonly #encoder: Encoder
  readonly #response: ServerResponse
  #hasSpoken = false

  constructor(wire: Wire, request: ModelRequest, response: ServerResponse) {
    this.#wire = wire
    this.#encoder = wire.encoder(request)
    this.#response = response
  }

  begin(): void {
    if (this.#response.headersSent) return
    this.#response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
    this.#response.flushHeaders()
    this.#write(this.#encoder.open())
  }

  say(piece: string): void {
    this.begin()
    this.#hasSpoken = true
    this.#write(this.#encoder.text(piece))
  }

  call(call: ToolCall): void {
    this.begin()
    this.#write(this.#encoder.call(call))
  }

  close(stop: Stop): void {
    this.begin()
    this.#response.end(this.#encoder.close(stop))
  }

  fail(failure: Failure): void {
    if (this.#response.headersSent) this.#response.end(this.#encoder.fault(failure))
    else refuse(this.#wire, this.#response, failure)
  }

  async cut(): Promise<void> {
    this.begin()
    await leave(this.#response, this.#hasSpoken ? '' : this.#encoder.text('This answer is'))
  }

  #write(text: string): void {
    if (text !== '') this.#response.write(text)
  }
}

class Whole implements Voice {
  readonly #wire: Wire
  readonly #request: ModelRequest
  readonly #response: ServerResponse
  #text = ''
  readonly #calls: ToolCall[] = []

  constructor(wire: Wire, request: ModelRequest, response: ServerResponse) {
    this.#wire = wire
    this.#request = request
    this.#response = response
  }

  begin(): void {}

  say(piece: string): void {
    this.#text += piece
  }

  call(call: ToolCall): void {
    this.#calls.push(call)
  }

  close(): void {
    sendJson(this.#response, 200, this.#wire.whole(this.#request, { text: this.#text, calls: this.#calls }))
  }

  fail(failure: Failure): void {
    refuse(this.#wire, this.#response, failure)
  }

  /** More is announced than comes. */
  async cut(): Promise<void> {
    this.#response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
    await leave(this.#response, '{')
  }
}

/** The text has left before the connection is destroyed. */
async function leave(response: ServerResponse, text: string): Promise<void> {
  await new Promise<void>(resolve => response.write(text, () => resolve()))
  response.destroy()
}
