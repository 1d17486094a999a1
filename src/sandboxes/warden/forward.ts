/** Carries connections from one address to another, so that one port or one database is reached through a wall. */
import { rmSync } from 'node:fs'
import {
  createConnection,
  createServer,
  type ListenOptions,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net'

/** `targets`: the first that takes a connection has it. */
export async function forward(from: ListenOptions, targets: readonly NetConnectOpts[]): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, near => carry(near, targets))
  await listen(server, from)
  return server
}

/** A socket's file that lies there is left over from one that died. */
export function listen(server: Server, from: ListenOptions): Promise<void> {
  if (from.path !== undefined) rmSync(from.path, { force: true })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(from, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function carry(near: Socket, [target, ...others]: readonly NetConnectOpts[]): void {
  near.on('error', () => near.destroy())
  if (!target) {
    near.destroy()
    return
  }
  const far = createConnection({ ...target, allowHalfOpen: true })
  const refused = () => carry(near, others)
  far.once('error', refused)
  far.once('connect', () => {
    far.off('error', refused)
    far.on('error', () => near.destroy())
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    near.pipe(far)
    far.pipe(near)
  })
}
