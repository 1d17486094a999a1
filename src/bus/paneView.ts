/** Shows in a script agent's pane what passes through its pipes. For people's eyes only: a slow or stopped terminal is left alone. */
import { constants } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { oneLine } from '../model/sanitize.ts'

export async function showInPane(run: string, text: string): Promise<void> {
  try {
    const tty = (await readFile(join(run, 'tty'), 'utf8')).trim()
    if (!/^\/dev\/(pts\/\d+|tty\w+)$/.test(tty)) return
    const file = await open(tty, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    try {
      await file.write(`${oneLine(text, 180)}\r\n`)
    } finally {
      await file.close()
    }
  } catch {
    // The pane is gone or stopped (Ctrl-S): what passed is in the log all the same.
  }
}
