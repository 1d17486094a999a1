import { AgencyError } from '../../kernel/errors.ts'
import { openClient } from '../connection.ts'
import { stopDaemon } from '../stopDaemon.ts'
import type { Context, Result, Verb } from '../verb.ts'
import { wrongAction } from '../wrongAction.ts'

export const verb: Verb = {
  name: 'daemon',
  arguments: [{ form: '[action]', about: 'status (default), start, stop or restart' }],
  actions: { status: [], start: [], stop: [], restart: [] },
  options: [],
  examples: ['agency daemon', 'agency daemon restart'],
  async run(context, [action = 'status']) {
    if (action === 'start') return start(context)
    if (action === 'stop') return stop(context)
    if (action === 'restart') {
      await stop(context)
      return start(context)
    }
    if (action !== 'status') throw wrongAction(verb, action)
    const { client } = await open(context, false)
    return describe(await client.get('/v1/hello'))
  },
}

function open(context: Context, mayStart: boolean) {
  const { workspaceFlag: flag, cwd, env, note, progress } = context
  return openClient({ flag, cwd, env, note, progress, mayStart })
}

async function start(context: Context): Promise<Result> {
  const { client } = await open(context, true)
  return describe(await client.get('/v1/hello'))
}

/** The agents go on: they live in tmux, and the next daemon takes them up again. */
async function stop(context: Context): Promise<Result> {
  try {
    const { client, workspace } = await open(context, false)
    context.progress('waiting until the daemon has ended')
    const pid = await stopDaemon(client, workspace)
    return {
      data: { pid, stopped: true },
      text: `the daemon (process ${pid}) has ended; agents go on, and messages wait`,
    }
  } catch (error) {
    if (!(error instanceof AgencyError) || error.code !== 'NO_DAEMON') throw error
    return { data: { stopped: true }, text: 'no daemon ran' }
  }
}

function describe(hello: unknown): Result {
  const { pid, version, workspace, uptimeMs } = hello as {
    pid: number
    version: string
    workspace: string
    uptimeMs: number
  }
  return {
    data: hello,
    text: `daemon ${version}, process ${pid}, up ${Math.round(uptimeMs / 1000)} s, for ${workspace}`,
  }
}
