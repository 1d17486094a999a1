/** A webhook's other end: a real server on loopback that keeps what it got, and judges the signature as a receiver would. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
  readonly body: any
}

export interface Receiver extends AsyncDisposable {
  readonly url: string
  readonly received: Received[]
  /** Answers each request; 200 until it is replaced. */
  answer: (response: ServerResponse) => void
}

export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', chunk => {
      text += chunk
    })
    request.on('end', () => {
      received.push({ headers: request.headers, text, body: JSON.parse(text) })
      receiver.answer(response)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/a-path-that-is-nobody-elses`,
    received,
    answer: response => response.writeHead(200).end(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return receiver
}

/** As the documentation tells a receiver to do it. */
export function isSigned({ headers, text }: Received, secret: string): boolean {
  const timestamp = String(headers['x-agency-timestamp'])
  const wanted = `sha256=${createHmac('sha256', secret).update(`${timestamp}.${text}`).digest('hex')}`
  const given = String(headers['x-agency-signature'])
  return given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted))
}
