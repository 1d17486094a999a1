/** The half of an isolated warden that stays outside: it starts the other half behind the wall, and holds the ports in it. */
import { spawn } from 'node:child_process'
import type { WardenOrder } from '../../model/warden.ts'
import { forward } from './forward.ts'

/** Until the half inside has ended; what is behind the wall ends with it, and it with this one. */
export async function runOutside(order: WardenOrder, file: string): Promise<void> {
  const { cage, ports, sockets, database } = order
  const servers = [await forward({ host: '127.0.0.1', port: ports.app }, [{ path: sockets.preview }])]
  if (database) servers.push(await forward({ path: sockets.database }, [database]))
  const [program, ...words] = cage
  const inside = spawn(program!, [...words, process.execPath, process.argv[1]!, 'inside', file], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => inside.kill('SIGKILL'))
  await new Promise<void>((resolve, reject) => {
    inside.once('error', reject)
    inside.once('exit', () => resolve())
  })
  for (const server of servers) server.close()
}
