/** Free ports on loopback, no two of them given out twice by this daemon. */
import { createServer } from 'node:net'
import type { SandboxPorts } from '../model/sandbox.ts'

const given = new Set<number>()

export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = await freePort()
    if (given.has(port)) continue
    given.add(port)
    ports.push(port)
  }
  return ports
}

/** Those that somebody else has taken meanwhile are others. Of the database's it is known inside a wall only, where it is free. */
export async function freshPorts(before: SandboxPorts): Promise<SandboxPorts> {
  const still = async (port: number) => ((await isFree(port)) ? port : (await freePorts(1))[0]!)
  return { ...before, app: await still(before.app), mocks: await still(before.mocks) }
}

export function giveBackPorts(ports: readonly number[]): void {
  for (const port of ports) given.delete(port)
}

function isFree(port: number): Promise<boolean> {
  return bind(port).then(
    () => true,
    () => false,
  )
}

function freePort(): Promise<number> {
  return bind(0)
}

/** The port that it was; 0 asks for any. */
function bind(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: wanted }, () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
