import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findWorkspace, type Workspace } from '../../config/workspace.ts'
import { AgencyError } from '../../kernel/errors.ts'
import { isAlive } from '../../kernel/process.ts'
import { openClient } from '../connection.ts'
import { steps } from '../progress.ts'
import { stopDaemon } from '../stopDaemon.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'down',
  arguments: [],
  options: [],
  examples: ['agency down'],
  async run(context) {
    const { flag, cwd, env } = { flag: context.workspaceFlag, cwd: context.cwd, env: context.env }
    try {
      // A daemon that was killed has left its agents running: they are ended by the next one.
      const mayStart = await hasLivingRunner(findWorkspace({ flag, cwd, env }))
      const { client, workspace } = await openClient({ flag, cwd, env, note: context.note, mayStart })
      const { agencies } = (await client.stream('POST', '/v1/down', {}, steps(context))) as { agencies: string[] }
      context.progress('waiting until the daemon has ended')
      const pid = await stopDaemon(client, workspace)
      return {
        data: { agencies, daemon: { pid, stopped: true } },
        text: `down: ${agencies.join(', ') || 'no agency ran'}; the daemon has ended\nnext   agency up`,
      }
    } catch (error) {
      if (!(error instanceof AgencyError) || error.code !== 'NO_DAEMON') throw error
      return {
        data: { agencies: [], daemon: { stopped: true } },
        text: 'no daemon runs for this workspace\nnext   agency up',
      }
    }
  },
}

async function hasLivingRunner({ run }: Workspace): Promise<boolean> {
  const found = await readdir(run, { recursive: true }).catch(() => [] as string[])
  for (const file of found.filter(path => /^[^/]+\/[^/]+\/runner$/.test(path)))
    if (isAlive(Number(await readFile(join(run, file), 'utf8').catch(() => '')))) return true
  return false
}
