/** What a pane shows, and a line for the people who look at a session. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { CaptureOptions, PaneId, PaneTrace, Screen, SessionId } from '../terminal.ts'
import type { Channel } from './channel.ts'
import { literalMessage } from './quote.ts'

const FIELDS = '#{cursor_x} #{cursor_y} #{pane_in_mode} #{pane_width} #{pane_height} #{pane_pid} #{pane_title}'
const CLIENT_FIELDS = '#{pane_id} #{client_control_mode} #{client_activity}'
const MESSAGE_MS = 5000

export async function capture(channel: Channel, pane: PaneId, options: CaptureOptions): Promise<Screen> {
  const { historyLines = 0, withStyles = false } = options
  const [shown = [], fields = [], clients = []] = await channel.runSequence([
    ['capture-pane', '-p', ...(withStyles ? ['-e'] : []), '-S', `${-historyLines}`, '-t', pane],
    ['display-message', '-p', '-t', pane, FIELDS],
    ['list-clients', '-F', CLIENT_FIELDS],
  ])
  const [, cursorX, cursorY, modes, width, rows, panePid, title] =
    /^(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (.*)$/s.exec(fields.join(' ')) ?? []
  const height = Number(rows)
  return {
    lines: Array.from({ length: Math.max(height, shown.length) }, (_, row) => (shown[row] ?? '').trimEnd()),
    cursorX: Number(cursorX),
    cursorY: Number(cursorY),
    title: title ?? '',
    inMode: Number(modes) > 0,
    width: Number(width),
    height,
    panePid: Number(panePid),
    keyedAt: keyedAt(clients, pane),
  }
}

/** What another pane of its window prints counts as well, which costs a look and hides nothing. */
export async function trace(channel: Channel, pane: PaneId): Promise<PaneTrace> {
  const format = '#{window_activity} #{pane_width}x#{pane_height} #{pane_pid}'
  const [line = ''] = await channel.run(['display-message', '-p', '-t', pane, format])
  const [second = '', ...shape] = line.split(' ')
  return { printedAt: Number(second) * 1000 + 999, shape: shape.join(' ') }
}

/** tmux tells whole seconds. A client shows the active pane of its session; ours, in control mode, presses nothing. */
function keyedAt(clients: readonly string[], pane: PaneId): number | undefined {
  const seconds = clients
    .map(line => line.split(' '))
    .filter(([shown, isControl]) => shown === pane && isControl === '0')
    .map(([, , activity]) => Number(activity))
  return seconds.length === 0 ? undefined : Math.max(...seconds) * 1000 + 999
}

/** Returns how many were told. Somebody may detach meanwhile: nothing is owed to them any more. */
export async function notify(channel: Channel, sessions: readonly SessionId[], text: string): Promise<number> {
  const message = literalMessage(text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' '))
  const people = await peopleIn(channel, sessions)
  return countDone(
    people.map(({ name }) => channel.run(['display-message', '-c', name, '-d', `${MESSAGE_MS}`, '--', message])),
  )
}

/** Returns how many terminals rang. tmux has no command for it, so it is written to the terminal itself, where a BEL moves nothing. */
export async function ringBell(channel: Channel, sessions: readonly SessionId[]): Promise<number> {
  const people = await peopleIn(channel, sessions)
  return countDone(people.map(({ tty }) => ring(tty)))
}

async function ring(tty: string): Promise<void> {
  // One whose output is stopped must not stop us.
  const file = await open(tty, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK)
  try {
    await file.write('\u0007')
  } finally {
    await file.close()
  }
}

async function peopleIn(
  channel: Channel,
  sessions: readonly SessionId[],
): Promise<readonly { tty: string; name: string }[]> {
  const clients = await channel.run([
    'list-clients',
    '-F',
    '#{client_control_mode} #{session_id} #{client_tty} #{client_name}',
  ])
  return clients.flatMap(line => {
    const [isControl, session, tty = '', ...name] = line.split(' ')
    const isWanted = isControl === '0' && sessions.includes(session as SessionId)
    return isWanted ? [{ tty, name: name.join(' ') }] : []
  })
}

async function countDone(attempts: readonly Promise<unknown>[]): Promise<number> {
  const results = await Promise.allSettled(attempts)
  return results.filter(({ status }) => status === 'fulfilled').length
}
