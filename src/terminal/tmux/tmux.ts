/** The tmux adapter: one control client, which every method talks through. */
import { mkdir } from 'node:fs/promises'
import type { Log } from '../../kernel/log.ts'
import type {
  CaptureOptions,
  ConnectOptions,
  Key,
  Pane,
  PaneId,
  PaneTrace,
  Screen,
  SessionId,
  SessionSpec,
  Snapshot,
  Terminal,
  WindowId,
  WindowSpec,
} from '../terminal.ts'
import type { Channel } from './channel.ts'
import { checkInstalled } from './install.ts'
import { type Attached, attachKeeper, keeperName } from './keeper.ts'
import type { Notification } from './parse.ts'
import { serverGone } from './refusal.ts'
import { capture, notify, ringBell, trace } from './screen.ts'
import { createSession, killSession } from './sessions.ts'
import { SnapshotReader } from './snapshot.ts'
import { clearPastes, paste, pressKey } from './typing.ts'
import { addWindow, arrangeWindows, closedAtOnce, killWindow } from './windows.ts'

export interface TmuxOptions {
  /** As in `tmux -L`. Omitted: the person's own server. */
  readonly socketName?: string
  /** As in `tmux -f`. Omitted: the person's own tmux.conf. Read only when the server starts. */
  readonly configFile?: string
  /** Hash of the workspace, part of the name of the hidden session. */
  readonly keeper: string
  /** Folder for texts on their way to a pane, best in memory. Made when missing. */
  readonly tmpDir: string
  readonly log: Log
  /** File mode mask of the person: what runs in panes has it, and not the daemon's strict one. */
  readonly umask?: number
  /** A server that is silent for this long is given up. */
  readonly answerTimeoutMs?: number
}

export function createTmux(options: TmuxOptions): Terminal {
  if (!/^[\w-]+$/.test(options.keeper)) throw new Error(`not a name for a keeper session: ${options.keeper}`)
  return new TmuxTerminal(options)
}

/** Notifications after which a snapshot can differ. */
const CHANGE = /^(sessions?-|window-|unlinked-window-|layout-change|pane-mode-changed)/

class TmuxTerminal implements Terminal {
  readonly #options: TmuxOptions
  readonly #listeners = new Set<() => void>()
  readonly #snapshots = new SnapshotReader()
  #attached: Attached | undefined
  #connecting: { readonly mayStart: boolean; readonly attached: Promise<Attached> } | undefined
  #pastes = 0

  constructor(options: TmuxOptions) {
    this.#options = options
  }

  get isConnected(): boolean {
    return this.#attached?.channel.isOpen ?? false
  }

  async connect(options: ConnectOptions = {}): Promise<{ serverPid: number; version: string }> {
    const { mayStart = true } = options
    // An attempt under way that may not start a server says nothing about one that may.
    while (this.#connecting && mayStart && !this.#connecting.mayStart)
      await this.#connecting.attached.catch(() => undefined)
    this.#connecting ??= { mayStart, attached: this.#attach(options).finally(() => this.#endConnecting()) }
    const { serverPid, version } = await this.#connecting.attached
    return { serverPid, version }
  }

  #endConnecting(): void {
    this.#connecting = undefined
  }

  async #attach({ signal, mayStart }: ConnectOptions): Promise<Attached> {
    if (this.#attached?.channel.isOpen) return this.#attached
    const env = environment()
    await checkInstalled(env, signal)
    await mkdir(this.#options.tmpDir, { recursive: true, mode: 0o700 })
    const serverArgs = serverArgsOf(this.#options)
    const { keeper, umask, answerTimeoutMs = 10_000 } = this.#options
    const onNotification = (notification: Notification) => this.#hear(notification)
    const onLost = (reason: string) => this.#lose(reason)
    const options = {
      serverArgs,
      keeper,
      ...(mayStart === undefined ? {} : { mayStart }),
      env,
      umask,
      answerTimeoutMs,
      onNotification,
      onLost,
    }
    this.#attached = await attachKeeper(options, signal)
    const { channel, serverPid, version } = this.#attached
    await clearPastes(channel, this.#options.tmpDir, this.#pastePrefix)
    this.#options.log.info({ serverPid, version }, 'attached to tmux')
    return this.#attached
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #hear(notification: Notification): void {
    if (CHANGE.test(notification.name)) this.#wake()
    else if (notification.name === 'config-error') this.#options.log.warn(`tmux.conf: ${notification.text}`)
  }

  #lose(reason: string): void {
    this.#options.log.warn({ reason }, 'lost tmux')
    this.#wake()
  }

  #wake(): void {
    for (const listener of this.#listeners) listener()
  }

  get #pastePrefix(): string {
    return `agency-paste-${this.#options.keeper}-`
  }

  get #open(): Channel {
    if (!this.#attached?.channel.isOpen) throw serverGone()
    return this.#attached.channel
  }

  async snapshot(): Promise<Snapshot> {
    return this.#snapshots.take(this.#open)
  }

  async createSession(spec: SessionSpec): Promise<Snapshot> {
    await createSession(this.#open, spec, this.#options.socketName)
    return this.snapshot()
  }

  async addWindow(sessionId: SessionId, spec: WindowSpec, afterIndex?: number): Promise<Pane> {
    const id = await addWindow(this.#open, sessionId, { spec, afterIndex })
    const pane = (await this.snapshot()).panes.find(candidate => candidate.id === id)
    if (!pane) throw closedAtOnce(spec)
    return pane
  }

  async arrangeWindows(sessionId: SessionId, windows: readonly { id: WindowId; name: string }[]): Promise<void> {
    await arrangeWindows(this.#open, sessionId, windows)
  }

  async killSession(sessionId: SessionId): Promise<void> {
    await killSession(this.#open, sessionId)
  }

  async killWindow(windowId: WindowId): Promise<void> {
    await killWindow(this.#open, windowId)
  }

  async capture(pane: PaneId, options: CaptureOptions = {}): Promise<Screen> {
    return capture(this.#open, pane, options)
  }

  async trace(pane: PaneId): Promise<PaneTrace> {
    return trace(this.#open, pane)
  }

  async paste(pane: PaneId, text: string): Promise<'pasted' | 'dead' | 'in-mode'> {
    const name = `${this.#pastePrefix}${process.pid}-${++this.#pastes}`
    return paste(this.#open, pane, text, { folder: this.#options.tmpDir, name })
  }

  async pressKey(pane: PaneId, key: Key): Promise<'pressed' | 'dead' | 'in-mode'> {
    return pressKey(this.#open, pane, key)
  }

  async notify(sessions: readonly SessionId[], text: string): Promise<number> {
    return notify(this.#open, sessions, text)
  }

  async ringBell(sessions: readonly SessionId[]): Promise<number> {
    return ringBell(this.#open, sessions)
  }

  async killKeeper(): Promise<void> {
    await this.#open.run(['kill-session', '-t', `=${keeperName(this.#options.keeper)}:`])
    await this.#attached?.channel.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#attached?.channel.close()
  }
}

function serverArgsOf({ socketName, configFile }: TmuxOptions): string[] {
  return [...(socketName ? ['-L', socketName] : []), ...(configFile ? ['-f', configFile] : [])]
}

/** What a server that we start hands on to every pane: nothing of ours, tokens least, and not the tmux that we may run in. */
function environment(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('AGENCY_') && name !== 'TMUX' && name !== 'TMUX_PANE',
    ),
  )
}
