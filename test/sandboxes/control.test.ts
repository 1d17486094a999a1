import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runInside, statusOf } from '../../src/sandboxes/control.ts'

it('R-APR-1 what is no warden on its socket, or one that never answers, neither ends the daemon nor keeps it waiting', async () => {
  await using warden = await speaker()
  for (const said of ['nonsense', '5', 'null', '{"out":7}', '{"status":{"app":"won"}}', '{"done":{"status":"0"}}']) {
    warden.says = `${said}\n{"done":{"status":0,"seconds":1}}\n`
    expect(await statusOf(warden.socket), said).toBeUndefined()
    const order = { argv: ['true'], timeoutMs: 1_000 }
    await expect(runInside(warden.socket, order, { out: () => {} }), said).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('says what no warden says'),
    })
  }
  warden.says = '{"status":{"app":"running","startedAt":5}}\n'
  expect(await statusOf(warden.socket)).toEqual({ app: 'running', startedAt: 5 })
  warden.says = undefined
  const silent = { code: 'TIMED_OUT', message: expect.stringContaining('does not answer') }
  const [status] = await Promise.all([
    statusOf(warden.socket),
    expect(runInside(warden.socket, { argv: ['true'], timeoutMs: 1 })).rejects.toMatchObject(silent),
  ])
  expect(status).toBeUndefined()
}, 20_000)

/** Listens as a warden does, and says one thing to whoever comes; undefined: nothing, ever. */
async function speaker() {
  const folder = await mkdtemp(join(tmpdir(), 'agency-warden-'))
  const socket = join(folder, 'control')
  const open = new Set<Socket>()
  const server = createServer(connection => {
    open.add(connection)
    connection.on('error', () => undefined).resume()
    if (speaking.says !== undefined) connection.end(speaking.says)
  })
  const speaking = {
    socket,
    says: undefined as string | undefined,
    async [Symbol.asyncDispose]() {
      for (const connection of open) connection.destroy()
      await new Promise(resolve => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
  await new Promise<void>(resolve => server.listen(socket, resolve))
  return speaking
}
