/** PORT: what Agency needs of a terminal multiplexer. tmux is the one adapter. */

/** Ids are valid for one server process only: they restart with it, so keep them with `serverPid`. */
export type PaneId = `%${number}`
export type SessionId = `$${number}`
export type WindowId = `@${number}`

export interface Pane {
  readonly id: PaneId
  readonly windowId: WindowId
  readonly sessionId: SessionId
  readonly sessionName: string
  readonly windowName: string
  readonly windowIndex: number
  /** Process that tmux started in the pane (our runner). */
  readonly pid: number
  readonly isDead: boolean
  /** Copy mode or another mode of tmux is open: a paste arrives there, keys do not. */
  readonly inMode: boolean
  readonly title: string
  readonly currentCommand: string
  readonly width: number
  readonly height: number
  /** Value of the pane's user option `@agency`, set at creation: whose pane this is, whatever it is called now. */
  readonly owner: string
}

export interface Session {
  readonly id: SessionId
  readonly name: string
  /** Value of the session's user option `@agency_workspace`: the workspace that made it, or '' when it is a person's own. */
  readonly workspace: string
}

export interface Snapshot {
  readonly serverPid: number
  readonly sessions: readonly Session[]
  readonly panes: readonly Pane[]
}

export interface WindowSpec {
  readonly name: string
  readonly cwd: string
  /** Program and arguments of the pane, run without a shell in between. Omitted: the person's own default shell. */
  readonly argv?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Stored in the pane's `@agency` option. */
  readonly owner: string
}

export interface SessionSpec {
  readonly name: string
  readonly workspace: string
  /** Window 0 first, in order. At least one. */
  readonly windows: readonly WindowSpec[]
}

/** What a pane shows just now. */
export interface Screen {
  /** The `height` lines that are shown, trailing blanks of each removed, after as much history as was asked for. Without escape sequences, unless they were asked for. */
  readonly lines: readonly string[]
  readonly cursorX: number
  readonly cursorY: number
  readonly title: string
  readonly inMode: boolean
  readonly width: number
  readonly height: number
  readonly panePid: number
  /** When a person last pressed a key in a client that shows this pane: the end of that second, milliseconds since the epoch. */
  readonly keyedAt: number | undefined
}

export interface CaptureOptions {
  readonly historyLines?: number
  /** With escape sequences for how it looks: for `styledRows` alone, which lets none of them through. */
  readonly withStyles?: boolean
}

/** While nothing of it differs, a pane shows the same, but for the rest of the second in which it printed. */
export interface PaneTrace {
  /** When it printed last: the end of that second, milliseconds since the epoch. */
  readonly printedAt: number
  /** Its size and its process. */
  readonly shape: string
}

/** Keys that may be pressed, by their tmux names. */
export const KEYS = [
  ...(['Enter', 'Escape', 'C-c', 'C-u', 'Up', 'Down', 'Left', 'Right', 'Tab', 'BTab', 'BSpace', 'Space'] as const),
  ...(['y', 'n', 'a', 'p', 'd', 's', 'q', '1', '2', '3', '4', '5', '6'] as const),
] as const
export type Key = (typeof KEYS)[number]

export interface ConnectOptions {
  readonly signal?: AbortSignal
  /** False: only to a server that runs; AgencyError('TMUX') when none does. */
  readonly mayStart?: boolean
}

/** Every method throws AgencyError('TMUX') when the server cannot be reached, and AgencyError('PANE_GONE') when its pane is not there. */
export interface Terminal extends AsyncDisposable {
  /** Attaches the one control client on the hidden keeper session, and starts the server when it may. Safe to call again after a loss. */
  connect(options?: ConnectOptions): Promise<{ serverPid: number; version: string }>
  readonly isConnected: boolean
  /** Called at every hint of a change (a window closed, a session gone, the server lost). Only a wake-up: take a snapshot and compare. */
  onChange(listener: () => void): () => void

  snapshot(): Promise<Snapshot>
  /** Makes all windows in order, named and numbered from 0 whatever the person's tmux.conf says; nothing stays behind on failure. AgencyError('CONFLICT') when the name is taken. */
  createSession(spec: SessionSpec): Promise<Snapshot>
  /** Adds one window after those present, or directly after window `afterIndex`; -1 is in front of all. */
  addWindow(sessionId: SessionId, spec: WindowSpec, afterIndex?: number): Promise<Pane>
  /** Puts windows into the given order and restores their names. */
  arrangeWindows(sessionId: SessionId, windows: readonly { id: WindowId; name: string }[]): Promise<void>
  killSession(sessionId: SessionId): Promise<void>
  killWindow(windowId: WindowId): Promise<void>

  capture(pane: PaneId, options?: CaptureOptions): Promise<Screen>
  /** A quarter of the cost of a capture. */
  trace(pane: PaneId): Promise<PaneTrace>
  /** Pastes text as one bracketed paste without pressing Enter, only into a live pane that is not in copy mode. */
  paste(pane: PaneId, text: string): Promise<'pasted' | 'dead' | 'in-mode'>
  /** Presses a key by name, under the same conditions as `paste`. */
  pressKey(pane: PaneId, key: Key): Promise<'pressed' | 'dead' | 'in-mode'>
  /** Takes away what is on the server for our own sake alone, and lets go of it. The server ends too when nothing else is left on it. */
  killKeeper(): Promise<void>
  /** A line in the status bar of every person's client that is attached to one of the sessions. Returns how many there are. */
  notify(sessions: readonly SessionId[], text: string): Promise<number>
  /** The bell of every such client's terminal. Returns how many rang. */
  ringBell(sessions: readonly SessionId[]): Promise<number>
}
