/** Everything the server shows, in two questions that travel together. */
import type { Pane, PaneId, Session, SessionId, Snapshot, WindowId } from '../terminal.ts'
import type { Channel } from './channel.ts'
import { isKeeper } from './keeper.ts'

const NUMBERS = [
  'session_id',
  'window_id',
  'pane_id',
  'window_index',
  'pane_pid',
  'pane_dead',
  'pane_in_mode',
  'pane_width',
  'pane_height',
] as const
const TEXTS = [
  text('session_name'),
  text('window_name'),
  oneLine('pane_current_command'),
  oneLine('@agency'),
  text('pane_title'),
] as const
const PANE_FORMAT = [...NUMBERS.map(name => `#{${name}}`), ...TEXTS].join(' ')
const SESSION_FORMAT = ['#{pid}', '#{session_id}', text('session_name'), oneLine('@agency_workspace')].join(' ')

/** Titles and names are anybody's. tmux puts a backslash before each blank in them (`q:`), so that a bare blank separates. */
function text(name: string): string {
  return `#{q:${name}}`
}

/** The name of a program and an option may hold a newline, which becomes a blank; the others cannot. 0.15 ms for 100 panes. */
function oneLine(name: string): string {
  return `#{s/\n/\\\\ /;q:${name}}`
}

/**
 * Asked again and again, a server mostly says what it said before: a line that it has said last time is not taken apart again, and
 * its pane stays the same object; where nothing has changed the whole snapshot does.
 */
export class SnapshotReader {
  #said: Lines = { sessions: [], panes: [] }
  #snapshot: Snapshot | undefined
  #panes = new Map<string, Pane | undefined>()

  async take(channel: Channel): Promise<Snapshot> {
    const [sessions = [], panes = []] = await channel.runSequence([
      ['list-sessions', '-F', SESSION_FORMAT],
      ['list-panes', '-a', '-F', PANE_FORMAT],
    ])
    if (this.#snapshot && isSame(this.#said.sessions, sessions) && isSame(this.#said.panes, panes))
      return this.#snapshot
    this.#panes = new Map(panes.map(line => [line, this.#panes.get(line) ?? readPane(line)]))
    this.#said = { sessions, panes }
    this.#snapshot = toSnapshot(sessions, [...this.#panes.values()])
    return this.#snapshot
  }
}

interface Lines {
  readonly sessions: readonly string[]
  readonly panes: readonly string[]
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index])
}

function toSnapshot(sessionLines: readonly string[], panes: readonly (Pane | undefined)[]): Snapshot {
  const sessions = sessionLines.map(splitFields).filter(fields => fields.length === 4)
  const ours = sessions.map(toSession).filter(session => !isKeeper(session.name))
  const shown = panes.filter(pane => pane !== undefined && !isKeeper(pane.sessionName)) as Pane[]
  return { serverPid: Number(sessions[0]?.[0] ?? 0), sessions: ours, panes: withoutCopies(shown, ours) }
}

/** Undefined when it is no line of ours. */
function readPane(line: string): Pane | undefined {
  const fields = splitFields(line)
  return fields.length === NUMBERS.length + TEXTS.length ? toPane(fields) : undefined
}

/** Fields parted by bare blanks, their backslashes taken away, control characters shown as blanks. */
export function splitFields(line: string): string[] {
  const fields = `${line} `.matchAll(/((?:\\.|[^\\ ])*) /gsy)
  return Array.from(fields, ([, field]) => field!.replace(/\\(.)/gs, '$1').replace(/[\x00-\x1f\x7f-\x9f]/g, ' '))
}

function toSession([, id, name, workspace]: string[]): Session {
  return { id: id as SessionId, name: name!, workspace: workspace! }
}

function toPane(fields: string[]): Pane {
  const [sessionId, windowId, id, windowIndex, pid, isDead, modes, width, height] = fields
  const [sessionName, windowName, currentCommand, owner, title] = fields.slice(NUMBERS.length)
  return {
    id: id as PaneId,
    windowId: windowId as WindowId,
    sessionId: sessionId as SessionId,
    sessionName: sessionName!,
    windowName: windowName!,
    windowIndex: Number(windowIndex),
    pid: Number(pid),
    isDead: isDead === '1',
    inMode: Number(modes) > 0,
    title: title!,
    currentCommand: currentCommand!,
    width: Number(width),
    height: Number(height),
    owner: owner!,
  }
}

/** A window linked into a second session is listed twice; the session that a workspace made is its home. */
function withoutCopies(panes: readonly Pane[], sessions: readonly Session[]): Pane[] {
  const made = new Set(sessions.filter(session => session.workspace !== '').map(session => session.id))
  const byId = new Map<PaneId, Pane>()
  for (const pane of panes) {
    const known = byId.get(pane.id)
    if (!known || (made.has(pane.sessionId) && !made.has(known.sessionId))) byId.set(pane.id, pane)
  }
  return [...byId.values()]
}
