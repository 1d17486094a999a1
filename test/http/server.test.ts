import { request } from 'node:http'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { serve } from '../../src/http/server.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { temporaryFolder } from '../storage/sqlite/setup.ts'

it('R-BUS-4 a request that comes in pieces is taken whole, and one without end is refused before it fills the memory', async () => {
  const socket = join(temporaryFolder(), 's')
  const heard: string[] = []
  const app = {
    version: '0',
    callers: { identify: () => 'Code/a', agentInPane: () => undefined },
    locks: {
      refuseCommit: async (_owner: string, text: string) => {
        heard.push(text)
        return ''
      },
    },
  }
  const log = silentLog()
  const signal = new AbortController().signal
  await using _server = await serve({ app: app as never, socket, log, signal, shutDown: () => {} })
  const post = (pieces: number, piece: Buffer) =>
    new Promise<{ status: number | undefined; sent: number }>(resolve => {
      let sent = 0
      const asking = request({ socketPath: socket, method: 'POST', path: '/v1/gate' }, answer => {
        answer.resume()
        resolve({ status: answer.statusCode, sent })
        asking.destroy()
      })
      asking.on('error', () => resolve({ status: undefined, sent }))
      const write = () => {
        if (asking.destroyed) return
        if (sent === pieces) return void asking.end()
        sent += 1
        if (asking.write(piece)) setImmediate(write)
        else asking.once('drain', write)
      }
      write()
    })
  expect(await post(3, Buffer.from('ünd '))).toMatchObject({ status: 200 })
  expect(heard).toEqual(['ünd ünd ünd '])
  const refused = await post(400, Buffer.alloc(1_000_000, 'x'))
  expect(refused.status === 413 || refused.status === undefined).toBe(true)
  expect(refused.sent).toBeLessThan(200)
  expect(heard).toHaveLength(1)
}, 30_000)
