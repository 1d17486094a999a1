/** A server that answers as opencode's does, as far as the link asks: real sockets, and a door to say what happens in it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

interface Message {
  readonly info: { readonly id: string; readonly role: string }
  readonly parts: readonly { readonly type: string; readonly text: string; readonly messageID: string }[]
}

export class FakeServer implements AsyncDisposable {
  readonly requests: string[] = []
  readonly messages: Message[] = []
  readonly sessions = new Set<string>()
  permissions: unknown[] = []
  status: Record<string, unknown> = {}
  /** What it answers to the next prompts, in place of taking them. */
  refusal: { status: number; text: string } | undefined
  /** So many requests are left without an answer, as by a server that has just begun to listen. */
  hangs = 0
  readonly #streams = new Set<ServerResponse>()
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  private constructor(private readonly password: string) {}

  static async open(password: string, port = 0): Promise<FakeServer> {
    const fake = new FakeServer(password)
    await new Promise<void>(done => fake.#server.listen(port, '127.0.0.1', done))
    return fake
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get listeners(): number {
    return this.#streams.size
  }

  tell(type: string, properties: object): void {
    for (const stream of this.#streams) stream.write(`data: ${JSON.stringify({ id: 'evt_1', type, properties })}\n\n`)
  }

  /** Ends every stream of events, as a server does that is disposed of. */
  hangUp(): void {
    for (const stream of this.#streams) stream.end()
    this.#streams.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(done => this.#server.close(done))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://fake')
    if (this.hangs > 0) {
      this.hangs--
      return
    }
    const say = (status: number, body?: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(body === undefined ? undefined : JSON.stringify(body))
    }
    const given = `Basic ${Buffer.from(`opencode:${this.password}`).toString('base64')}`
    if (request.headers.authorization !== given) return say(401)
    this.requests.push(`${request.method} ${pathname}`)
    const body = request.method === 'POST' ? ((await json(request)) as Record<string, unknown>) : {}
    const [, root, session, rest] = pathname.split('/')
    if (pathname === '/event') return this.#listen(response)
    if (pathname === '/session/status') return say(200, this.status)
    if (pathname === '/permission') return say(200, this.permissions)
    if (pathname === '/question') return say(200, [])
    if (pathname === '/tui/select-session') return say(200, true)
    if (pathname === '/session') {
      const id = `ses_${this.sessions.size + 1}`
      this.sessions.add(id)
      return say(200, { id, title: body.title })
    }
    if (root !== 'session' || !this.sessions.has(session ?? '')) return say(404, { name: 'NotFoundError' })
    if (rest === undefined) return say(200, { id: session })
    if (rest === 'abort') return say(200, true)
    if (rest === 'message') return say(200, this.messages)
    if (this.refusal) {
      response.writeHead(this.refusal.status)
      return void response.end(this.refusal.text)
    }
    say(204)
    this.#take(session!, body as { messageID: string; parts: { type: string; text: string }[] })
  }

  #take(sessionID: string, { messageID, parts }: { messageID: string; parts: { type: string; text: string }[] }): void {
    const info = { id: messageID, role: 'user' }
    const kept = parts.map(part => ({ ...part, messageID }))
    this.messages.push({ info, parts: kept })
    this.tell('message.updated', { sessionID, info })
    for (const part of kept) this.tell('message.part.updated', { sessionID, part })
    this.tell('session.status', { sessionID, status: { type: 'busy' } })
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: {"type":"server.connected","properties":{}}\n\n')
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
  }
}
