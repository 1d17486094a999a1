import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { exchange } from '../../src/cli/exchange.ts'

const opened: Server[] = []
afterEach(async () => {
  for (const server of opened.splice(0)) await new Promise(done => server.close(done))
})

async function listen<S extends Server>(server: S): Promise<Socket> {
  const folder = await mkdtemp(join(tmpdir(), 'agency-exchange-'))
  await new Promise<void>(done => server.listen(join(folder, 's'), done))
  server.once('close', () => void rm(folder, { recursive: true, force: true }))
  opened.push(server)
  return createConnection(join(folder, 's'))
}

/** Node's own server, as the daemon has it. */
function http(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Socket> {
  return listen(createHttpServer(answer))
}

/** A server that says these words, piece by piece, and hangs up. */
function saying(...pieces: readonly string[]): Promise<Socket> {
  return listen(
    createServer(socket => {
      socket.once('data', async () => {
        for (const piece of pieces) {
          await new Promise(done => socket.write(piece, done))
          // The other end is read in this very loop: after two turns it has had the piece.
          for (const _ of [1, 2]) await new Promise(done => setImmediate(done))
        }
        socket.end()
      })
    }),
  )
}

const get = { method: 'GET', path: '/x', headers: {}, body: undefined }

async function text(connection: Socket, outgoing = get as Parameters<typeof exchange>[1]): Promise<string> {
  const { body } = await exchange(connection, outgoing)
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

it('R-ALL-1 a request arrives whole, headers and body, and its answer of a known length comes back', async () => {
  const body = JSON.stringify({ words: 'Grüße '.repeat(100_000) })
  const connection = await http(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const got = Buffer.concat(pieces).toString('utf8')
    response.end(`${request.method} ${request.url} ${request.headers.authorization} ${got === body}`)
  })
  const headers = { authorization: 'Bearer abc' }
  expect(await text(connection, { method: 'POST', path: '/v1/messages', headers, body })).toBe(
    'POST /v1/messages Bearer abc true',
  )
})

it('R-ALL-1 an answer in chunks comes as it is written, and each chunk may be cut anywhere', async () => {
  const connection = await http((_request, response) => {
    response.write('one\n')
    setImmediate(() => response.end('two\n'))
  })
  expect(await text(connection)).toBe('one\ntwo\n')
  const cut = [
    'HTTP/1.1 200 OK\r',
    '\nTransfer-Encoding: chunked\r\n\r',
    '\n4\r',
    '\nab',
    'cd\r',
    '\n2;x=y\r\nef\r\n0\r\n\r\n',
  ]
  expect(await text(await saying(...cut))).toBe('abcdef')
})

it.each([
  ['before an answer', [], 'the connection was closed'],
  ['in the middle of the head', ['HTTP/1.1 200 OK\r\ncontent-'], 'the connection was closed'],
  ['in the middle of the body', ['HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfour'], 'the connection was closed'],
  [
    'between two chunks',
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nfour\r\n'],
    'the connection was closed',
  ],
])('R-ALL-3 a connection that ends %s is an error and never a short answer', async (_when, pieces, message) => {
  await expect(text(await saying(...pieces))).rejects.toThrow(message)
})

it('R-ALL-4 what would break the request in two is refused', async () => {
  const connection = await saying()
  const path = '/x HTTP/1.1\r\nevil: yes'
  await expect(exchange(connection, { ...get, path })).rejects.toThrow('not encoded')
  await expect(exchange(connection, { ...get, headers: { a: 'b\r\nevil: yes' } })).rejects.toThrow('header a')
  connection.destroy()
})
