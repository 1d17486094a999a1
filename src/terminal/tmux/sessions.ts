/** Sessions of ours: whole or not at all, numbered from 0, and safe from what tmux.conf does to sessions that nobody looks at. */
import { AgencyError } from '../../kernel/errors.ts'
import { attachLine } from '../../model/attachLine.ts'
import type { SessionId, SessionSpec, WindowId } from '../terminal.ts'
import type { Channel } from './channel.ts'
import { IDLE_PROGRAM } from './keeper.ts'
import { literal } from './quote.ts'
import { closedAtOnce, ignoreMissing, listWindows, openWindow, requireFolder, requireSizes } from './windows.ts'

/** Size of a session that nobody is attached to. */
const WIDTH = '200'
const HEIGHT = '50'

/** All windows or none. AgencyError('CONFLICT') when the name is taken; `socketName` is for what a person types then. */
export async function createSession(channel: Channel, spec: SessionSpec, socketName?: string): Promise<void> {
  if (spec.windows.length === 0) throw new Error(`session ${spec.name} has no windows`)
  await Promise.all([requireSizes(channel), ...spec.windows.map(requireFolder)])
  const session = await openSession(channel, spec).catch(error => {
    throw isConflict(error) ? nameTaken(spec.name, socketName, error) : error
  })
  try {
    const { length } = spec.windows
    if (session.index < length)
      await channel.run(['move-window', '-d', '-s', session.window, '-t', `${session.id}:${length}`])
    // Each of these travels at once; tmux works them off in this order.
    const panes = spec.windows.map((window, index) => openWindow(channel, window, `${session.id}:${index}`, []))
    await Promise.all(panes)
    await channel.runSequence([
      ['select-window', '-t', `${session.id}:0`],
      ['kill-window', '-t', session.window],
    ])
    await requireWindows(channel, session.id, spec)
  } catch (error) {
    await killSession(channel, session.id).catch(() => {})
    throw error
  }
}

/** Window 0 cannot be made together with the session: its environment would become everyone's, and its number the person's base-index. */
async function openSession(channel: Channel, spec: SessionSpec) {
  const target = `=${spec.name}:`
  const made = '#{session_id} #{window_id} #{window_index}'
  const place = ['-s', spec.name, '-n', 'opening', '-c', literal(spec.windows[0]!.cwd), '-x', WIDTH, '-y', HEIGHT]
  const [[line] = []] = await channel.runSequence([
    ['new-session', '-d', '-E', '-P', '-F', made, ...place, '--', ...IDLE_PROGRAM],
    // In one go with its birth: with destroy-unattached in tmux.conf it would be gone a moment later.
    ['set-option', '-t', target, 'destroy-unattached', 'off'],
    ['set-option', '-t', target, 'base-index', '0'],
    ['set-option', '-t', target, 'renumber-windows', 'off'],
    ['set-option', '-t', target, '@agency_workspace', spec.workspace],
  ])
  const [id, window, index] = line!.split(' ')
  return { id: id as SessionId, window: window as WindowId, index: Number(index) }
}

async function requireWindows(channel: Channel, session: SessionId, spec: SessionSpec): Promise<void> {
  const indexes = new Set((await listWindows(channel, session)).map(({ index }) => index))
  const missing = spec.windows.find((_, index) => !indexes.has(index))
  if (missing) throw closedAtOnce(missing)
}

export async function killSession(channel: Channel, session: SessionId): Promise<void> {
  await channel.run(['kill-session', '-t', session]).catch(ignoreMissing)
}

function isConflict(error: unknown): boolean {
  return error instanceof AgencyError && error.code === 'CONFLICT'
}

/** It may be a team of another workspace: it is looked at before it is ended, and on no other server. */
function nameTaken(name: string, socketName: string | undefined, cause: unknown): AgencyError {
  const tmux = socketName === undefined ? 'tmux' : `tmux -L ${socketName}`
  const hint = `${attachLine(name, socketName)} shows whose it is; choose another name, or end it: ${tmux} kill-session -t '=${name}'`
  return new AgencyError('CONFLICT', `a tmux session ${name} exists already`, { hint, cause })
}
