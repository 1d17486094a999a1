/** A sandbox's tmux session: its program, tests and mocks to look at, and the warden that runs them. */
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sandbox } from '../model/sandbox.ts'
import type { WindowSpec } from '../terminal/terminal.ts'
import type { SandboxParts } from './parts.ts'
import type { SandboxPlaces } from './places.ts'

/** Whose process or pane it is: the workspace, then the sandbox. */
export function markOf({ workspace }: Pick<SandboxParts, 'workspace'>, id: string): string {
  return `${workspace.hash}:${id}`
}

function ownerOf(parts: Pick<SandboxParts, 'workspace'>, id: string): string {
  return `sandbox:${markOf(parts, id)}`
}

export async function openSession(parts: SandboxParts, sandbox: Sandbox, places: SandboxPlaces): Promise<void> {
  const { terminal, workspace, wardenFile } = parts
  const owner = ownerOf(parts, sandbox.id)
  const env = { AGENCY_SANDBOX: markOf(parts, sandbox.id) }
  const cwd = sandbox.folder
  const shown = async (name: 'app' | 'tests' | 'mocks', text: string): Promise<WindowSpec> => {
    const file = join(places.logs, `${name}.log`)
    await appendFile(file, text, { mode: 0o600 })
    return { name, cwd, owner, env, argv: ['/bin/sh', '-c', 'exec tail -n +1 -F "$0" 2>/dev/null', file] }
  }
  const { plan, isolation, session } = sandbox
  const windows = [
    await shown('app', plan.app ? '' : 'no program is known for this project: "sandbox": {"app": …} in agency.json\n'),
    await shown(
      'tests',
      plan.test ? '' : 'no tests are known for this project: "sandbox": {"test": …} in agency.json\n',
    ),
    await shown('mocks', ''),
    {
      ...{ name: 'monitor', cwd, owner, env },
      argv: [process.execPath, wardenFile, isolation === 'bubblewrap' ? 'outside' : 'inside', places.orderFile],
    },
  ]
  if (!terminal.isConnected) await terminal.connect()
  await terminal.createSession({ name: session, workspace: workspace.hash, windows })
}

/** Whatever its name is by now. */
export async function closeSession(parts: SandboxParts, id: string): Promise<void> {
  const { terminal } = parts
  for (const session of await sessionsOf(parts, ownerOf(parts, id))) await terminal.killSession(session)
}

/** Ids of the sandboxes of this workspace that have a session. */
export async function sandboxesInTmux(parts: SandboxParts): Promise<readonly string[]> {
  const begin = ownerOf(parts, '')
  const { panes } = await snapshot(parts)
  return [...new Set(panes.flatMap(({ owner }) => (owner.startsWith(begin) ? [owner.slice(begin.length)] : [])))]
}

async function sessionsOf(parts: SandboxParts, owner: string) {
  const { panes } = await snapshot(parts)
  return new Set(panes.filter(pane => pane.owner === owner).map(({ sessionId }) => sessionId))
}

/** A server that does not run shows nothing. */
async function snapshot({ terminal }: SandboxParts) {
  try {
    if (!terminal.isConnected) await terminal.connect({ mayStart: false })
    return await terminal.snapshot()
  } catch {
    return { panes: [] }
  }
}
