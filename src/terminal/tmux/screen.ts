/** What a pane shows, and a line for the people who look at a session. */
import type { PaneId, Screen, SessionId } from '../terminal.ts'
import type { Channel } from './channel.ts'
import { literalMessage } from './quote.ts'

const FIELDS = '#{cursor_x} #{cursor_y} #{pane_in_mode} #{pane_width} #{pane_height} #{pane_pid} #{pane_title}'
const MESSAGE_MS = 5000

export async function capture(channel: Channel, pane: PaneId, historyLines = 0): Promise<Screen> {
  const [shown = [], fields = []] = await channel.runSequence([
    ['capture-pane', '-p', '-S', `${-historyLines}`, '-t', pane],
    ['display-message', '-p', '-t', pane, FIELDS],
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
  }
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
