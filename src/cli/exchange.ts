/** One request and its answer over a connection that is open. Node's own http would cost each command about 4 ms more to load and run. */
import type { Socket } from 'node:net'

export interface Outgoing {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface Answer {
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  /** Ends where the answer does, and hangs up; throws when the connection ends before. */
  readonly body: AsyncIterable<Buffer>
  /** Ends it before it does. */
  readonly hangUp: () => void
}

/** Resolves with the head of the answer; the error of the socket, or one with the code ECONNRESET, when there is none. */
export async function exchange(connection: Socket, outgoing: Outgoing): Promise<Answer> {
  const pieces = connection[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
  connection.write(formatRequest(outgoing))
  const incoming = new Incoming(pieces)
  const headers = await incoming.head()
  const hangUp = () => void connection.destroy()
  return { headers, body: hangUpAfter(connection, bodyOf(incoming, headers)), hangUp }
}

function formatRequest({ method, path, headers, body }: Outgoing): string {
  if (/[^\x21-\x7e]/.test(path)) throw new Error(`the path ${JSON.stringify(path)} is not encoded`)
  const length = body === undefined ? [] : [['content-length', String(Buffer.byteLength(body))]]
  const lines = [...Object.entries(headers), ...length].map(([name, value]) => {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value!)) throw new Error(`the header ${name} holds a character that none may`)
    return `${name}: ${value}\r\n`
  })
  return `${method} ${path} HTTP/1.1\r\nhost: agency\r\n${lines.join('')}\r\n${body ?? ''}`
}

async function* hangUpAfter(connection: Socket, body: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  try {
    yield* body
  } finally {
    connection.destroy()
  }
}

async function* bodyOf(incoming: Incoming, headers: ReadonlyMap<string, string>): AsyncIterable<Buffer> {
  const length = headers.get('content-length')
  if (length !== undefined) yield* incoming.bytes(Number(length))
  else if (headers.get('transfer-encoding') === 'chunked') {
    for (let size = await incoming.chunkSize(); size > 0; size = await incoming.chunkSize()) {
      yield* incoming.bytes(size)
      await incoming.line()
    }
  } else yield* incoming.rest()
}

/** What comes in, cut where the protocol cuts it and not where the socket did. */
class Incoming {
  #have: Buffer = Buffer.alloc(0)

  constructor(private readonly pieces: AsyncIterator<Buffer, undefined>) {}

  async head(): Promise<ReadonlyMap<string, string>> {
    await this.line()
    const headers = new Map<string, string>()
    for (let line = await this.line(); line !== ''; line = await this.line()) {
      const colon = line.indexOf(':')
      headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
    }
    return headers
  }

  async line(): Promise<string> {
    for (let from = 0; ; ) {
      const end = this.#have.indexOf('\r\n', from)
      if (end >= 0) {
        const line = this.#have.toString('latin1', 0, end)
        this.#have = this.#have.subarray(end + 2)
        return line
      }
      from = Math.max(0, this.#have.length - 1)
      if (!(await this.#more())) throw cut()
    }
  }

  async chunkSize(): Promise<number> {
    return Number.parseInt(await this.line(), 16)
  }

  async *bytes(count: number): AsyncIterable<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#have.length === 0 && !(await this.#more())) throw cut()
      const piece = this.#have.subarray(0, left)
      this.#have = this.#have.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }

  async *rest(): AsyncIterable<Buffer> {
    do {
      yield this.#have
      this.#have = Buffer.alloc(0)
    } while (await this.#more())
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.pieces.next()
    if (done) return false
    this.#have = this.#have.length === 0 ? value : Buffer.concat([this.#have, value])
    return true
  }
}

function cut(): NodeJS.ErrnoException {
  return Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })
}
