/** What a pane shows, and a line for the people who look at a session. */
import type { PaneId, Screen, SessionId } from '../terminal.ts'
import type { Channel } from './channel.ts'
import { literalMessage } from './quote.ts'

const FIELDS = '#{cursor_x} #{cursor_y} #{pane_in_mode} #{pane_width} #{pane_height} #{pane_pid} #{pane_title}'
const CLIENT_FIELDS = '#{pane_id} #{client_control_mode} #{client_activity}'
const MESSAGE_MS = 5000

export async function capture(channel: Channel, pane: PaneId, historyLines = 0): Promise<Screen> {
  const [shown = [], fields = [], clients = []] = await channel.runSequence([
    ['capture-pane', '-p', '-S', `${-historyLines}`, '-t', pane],
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

/** tmux tells whole seconds. A client shows the active pane of its session; ours, in control mode, presses nothing. */
function keyedAt(clients: readonly string[], pane: PaneId): number | undefined {
  const seconds = clients
    .map(line => line.split(' '))
    .filter(([shown, isControl]) => shown === pane && isControl === '0')
    .map(([, , activity]) => Number(activity))
  return seconds.length === 0 ? undefined : Math.max(...seconds) * 1000 + 999
}

export async function notify(channel: Channel, session: SessionId, text: string): Promise<void> {
  const clients = await channel.run(['list-clients', '-t', session, '-F', '#{client_control_mode} #{client_name}'])
  const message = literalMessage(text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' '))
  const people = clients.filter(line => line.startsWith('0 ')).map(line => line.slice(2))
  // Somebody may detach meanwhile: nothing is owed to them any more.
  await Promise.allSettled(
    people.map(client => channel.run(['display-message', '-c', client, '-d', `${MESSAGE_MS}`, '--', message])),
  )
}
