/** Where a sandbox lies: its worktree below sandbox/, its database, logs and sockets below the registry. */
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import { shortId } from '../kernel/ids.ts'
import type { Sandbox } from '../model/sandbox.ts'

/** A unix socket's address holds 104 bytes on macOS and 108 on Linux. */
const MAX_SOCKET_BYTES = 100

export interface SandboxPlaces {
  readonly logs: string
  readonly data: string
  readonly tmp: string
  readonly orderFile: string
  readonly sockets: {
    readonly folder: string
    readonly control: string
    readonly preview: string
    readonly database: string
  }
}

export function homesFolder(workspace: Workspace): string {
  return join(workspace.registry, 'sandboxes')
}

export function homeOf(workspace: Workspace, id: string): string {
  return join(homesFolder(workspace), shortId(id))
}

export function worktreeFolder(workspace: Workspace, place: 'testing' | 'staging' | 'kept', name: string): string {
  return join(workspace.sandbox, place, name)
}

export function placesOf(workspace: Workspace, { id, home }: Pick<Sandbox, 'id' | 'home'>): SandboxPlaces {
  const near = join(home, 's')
  const far = join(process.env.XDG_RUNTIME_DIR ?? tmpdir(), `agency-sandbox-${workspace.hash}-${shortId(id)}`)
  const folder = Buffer.byteLength(join(near, 'database')) <= MAX_SOCKET_BYTES ? near : far
  return {
    logs: join(home, 'logs'),
    data: join(home, 'data'),
    tmp: join(home, 'data', 'tmp'),
    orderFile: join(home, 'order.json'),
    sockets: {
      folder,
      control: join(folder, 'control'),
      preview: join(folder, 'preview'),
      database: join(folder, 'database'),
    },
  }
}

export async function makePlaces({ logs, tmp, sockets }: SandboxPlaces): Promise<void> {
  for (const folder of [logs, tmp, sockets.folder]) await mkdir(folder, { recursive: true, mode: 0o700 })
}
