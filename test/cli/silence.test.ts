import { mkdir } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createConnection, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { connect } from '../../src/cli/client.ts'
import { startDaemon } from '../../src/cli/startDaemon.ts'
import { tryLock } from '../../src/config/fileLock.ts'
import { workspaceAt } from '../../src/config/workspace.ts'
import { temporaryFolder } from '../storage/sqlite/setup.ts'

const PATIENCE = { lookAfterMs: 100, silentAfterMs: 300 }

async function listen(server: Server): Promise<string> {
  const socket = join(temporaryFolder(), 's')
  await new Promise<void>(done => server.listen(socket, done))
  onTestFinished(() => void server.close())
  return socket
}

function client(socket: string) {
  const credentials = { token: 'x', headers: {} }
  return connect({
    socket,
    ownerFile: '/w/owner.db',
    live: createConnection(socket),
    credentials,
    onVersion: () => {},
    patience: PATIENCE,
  })
}

it('R-ALL-3 a daemon that takes connections and answers nobody is said to be stuck, and waited for no longer', async () => {
  const taken: { destroy(): void }[] = []
  onTestFinished(() => {
    for (const connection of taken) connection.destroy()
  })
  const socket = await listen(createServer(connection => void taken.push(connection)))
  const stuck = { code: 'TIMED_OUT', exitCode: 7, hint: expect.stringContaining("fuser '/w/owner.db'") }
  await expect(client(socket).get('/v1/status')).rejects.toMatchObject(stuck)
  await expect(client(socket).stream('POST', '/v1/up', {}, () => {})).rejects.toMatchObject(stuck)
})

it('R-ALL-3 a request that takes long is waited for while the daemon answers others', async () => {
  let asked = 0
  const server = createHttpServer((request, response) => {
    if (request.url === '/v1/hello') {
      asked++
      response.writeHead(401).end('{}')
    } else setTimeout(() => response.end('{"is":"done"}'), 1_500)
  })
  expect(await client(await listen(server)).get('/v1/long')).toEqual({ is: 'done' })
  expect(asked).toBeGreaterThan(2)
})

it('R-ALL-3 a command that waits for the starts of others gives up, and says where to look', async () => {
  const workspace = workspaceAt(temporaryFolder())
  await mkdir(workspace.registry, { recursive: true })
  const lockfilePath = join(workspace.registry, 'start.lock')
  const release = await tryLock({ folder: workspace.registry, lockfilePath, staleMs: 10_000 })
  onTestFinished(() => release?.())
  await expect(startDaemon(workspace, {}, { othersMs: 300 })).rejects.toMatchObject({
    ...{ code: 'NO_DAEMON', exitCode: 8, hint: expect.stringContaining('start.log') },
    message: expect.stringContaining('other commands have been starting the daemon'),
  })
})
