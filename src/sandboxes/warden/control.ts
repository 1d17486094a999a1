/** The warden's ear: a unix socket, one request on each connection, answered by lines. */
import { chmodSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { WardenReply, WardenRequest } from '../../model/warden.ts'
import { listen } from './forward.ts'

const LONGEST_REQUEST = 1_000_000

export interface Caller {
  say(reply: WardenReply): void
  /** Whoever asked has gone: what runs for them alone has no reader any more. */
  onGone(listener: () => void): void
}

export async function listenForOrders(
  socket: string,
  obey: (request: WardenRequest, caller: Caller) => Promise<void>,
): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, connection => take(connection, obey))
  await listen(server, { path: socket })
  chmodSync(socket, 0o600)
  return server
}

function take(connection: Socket, obey: (request: WardenRequest, caller: Caller) => Promise<void>): void {
  let text = ''
  let isTaken = false
  const say = (reply: WardenReply) => void (connection.writable && connection.write(`${JSON.stringify(reply)}\n`))
  connection.setEncoding('utf8')
  connection.on('error', () => connection.destroy())
  connection.on('data', (chunk: string) => {
    text += chunk
    if (isTaken) return
    if (text.length > LONGEST_REQUEST) connection.destroy()
    const end = text.indexOf('\n')
    if (end < 0) return
    isTaken = true
    Promise.resolve()
      .then(() =>
        obey(JSON.parse(text.slice(0, end)) as WardenRequest, {
          say,
          onGone: listener => connection.on('close', listener),
        }),
      )
      .catch(error => say({ error: String(error) }))
      .finally(() => connection.end())
  })
}
