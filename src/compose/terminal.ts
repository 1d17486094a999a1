/** The tmux server that the agents live on. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Roster } from '../agencies/roster.ts'
import type { Settings } from '../config/settings.ts'
import type { Workspace } from '../config/workspace.ts'
import type { Log } from '../kernel/log.ts'
import { isAlive } from '../kernel/process.ts'
import type { Scope } from '../kernel/scope.ts'
import type { Store } from '../storage/store.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { createTmux } from '../terminal/tmux/tmux.ts'

export interface TerminalParts {
  readonly workspace: Workspace
  readonly settings: Settings
  readonly store: Store
  readonly roster: Roster
  readonly log: Log
  readonly umask: number
}

export async function openTerminal(parts: TerminalParts, scope: Scope): Promise<Terminal> {
  const { workspace, settings, log, umask } = parts
  const tmpDir = scope.use(pasteFolder(workspace), 'paste folder', folder =>
    rm(folder, { recursive: true, force: true }),
  )
  return scope.use(
    createTmux({
      socketName: await serverName(parts),
      configFile: settings.tmux.config && resolve(workspace.root, settings.tmux.config),
      keeper: workspace.hash,
      ...{ tmpDir, umask, log },
    }),
    'terminal',
    opened => opened[Symbol.asyncDispose](),
  )
}

/** While agents live on a server, it is that one, whatever the settings of whoever started this daemon say. */
async function serverName({ store, roster, settings, log }: TerminalParts): Promise<string | undefined> {
  const wanted = settings.tmux.socket
  const used = await store.marked('tmux-socket')
  const isInUse = [...roster.agents.values()].some(agent => agent.pid !== undefined && isAlive(agent.pid))
  if (used !== undefined && isInUse && used !== (wanted ?? '')) {
    log.warn(
      { used, wanted },
      'agents live on another tmux server than the settings name: it is kept until agency down',
    )
    return used || undefined
  }
  await store.mark('tmux-socket', wanted ?? '')
  return wanted
}

/** Text on its way to a pane stays in memory where the system has a place for that. */
function pasteFolder(workspace: Workspace): string {
  const memory = process.env.XDG_RUNTIME_DIR ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir())
  return join(memory, `agency-${process.getuid?.() ?? 0}-${workspace.hash}`)
}
