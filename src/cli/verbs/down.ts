import { AgencyError } from '../../kernel/errors.ts'
import { openClient } from '../connection.ts'
import { stopDaemon } from '../stopDaemon.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'down',
  arguments: [],
  options: [],
  examples: ['agency down'],
  async run(context) {
    try {
      const { client, workspace } = await openClient({
        flag: context.workspaceFlag,
        cwd: context.cwd,
        env: context.env,
        note: context.note,
        mayStart: false,
      })
      const { agencies } = (await client.stream('POST', '/v1/down', {}, line =>
        context.progress((line as { progress: string }).progress),
      )) as { agencies: string[] }
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
