/** From a command to a daemon that answers: the workspace, the token, and a start when none runs. */
import { findWorkspace, type Workspace } from '../config/workspace.ts'
import { AgencyError } from '../kernel/errors.ts'
import { version } from '../kernel/version.ts'
import { type Client, connect, readCredentials } from './client.ts'
import { reach } from './socket.ts'

export async function openClient(options: {
  flag: string | undefined
  cwd: string
  env: NodeJS.ProcessEnv
  note: (text: string) => void
  progress?: (step: string) => void
  mayStart?: boolean
}): Promise<{ client: Client; workspace: Workspace }> {
  const workspace = findWorkspace(options)
  // Before anything is started: an agent without its token gets nothing done.
  if (options.env.AGENCY_AGENT || options.env.AGENCY_TOKEN_FILE) readCredentials(workspace, options.env)
  const live = await reach(workspace.socket)
  if (!live) {
    if (options.mayStart === false)
      throw new AgencyError('NO_DAEMON', 'no daemon runs for this workspace', { hint: 'agency daemon start' })
    options.progress?.('starting the daemon')
    const { startDaemon } = await import('./startDaemon.ts')
    await startDaemon(workspace, options.env)
  }
  let isTold = false
  const onVersion = (other: string) => {
    if (isTold || other === '' || other === version) return
    isTold = true
    options.note(`the daemon is version ${other}, this command is ${version}: agency daemon restart`)
  }
  return {
    client: connect({
      socket: workspace.socket,
      ownerFile: workspace.ownerFile,
      live,
      credentials: readCredentials(workspace, options.env),
      onVersion,
    }),
    workspace,
  }
}
