/** Asks the daemon to end, and waits until its socket is silent and its process gone. */
import type { Workspace } from '../config/workspace.ts'
import { until } from '../kernel/abort.ts'
import { AgencyError } from '../kernel/errors.ts'
import { isRunning } from '../kernel/process.ts'
import type { Client } from './client.ts'
import { answers } from './socket.ts'

export async function stopDaemon(client: Client, workspace: Workspace): Promise<number> {
  const { pid } = (await client.send('POST', '/v1/shutdown', {})) as { pid: number }
  const isGone = await until(async () => !(await answers(workspace.socket)) && !isRunning(pid), {
    timeoutMs: 15_000,
    everyMs: 20,
  })
  if (!isGone)
    throw new AgencyError('TIMED_OUT', `the daemon (process ${pid}) has not ended within 15 s`, { hint: `kill ${pid}` })
  return pid
}
