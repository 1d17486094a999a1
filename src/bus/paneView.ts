/** Shows in a script agent's pane what passes through its pipes. For people's eyes only: a slow or stopped terminal is left alone. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { readText } from '../kernel/plainFile.ts'
import { oneLine } from '../model/sanitize.ts'

/** Of what comes in one go, so many lines are shown: nobody reads more, and a terminal is slow. */
const SHOWN = 40

/** One line for each text. */
export async function showInPane(run: string, ...texts: readonly string[]): Promise<void> {
  if (texts.length === 0) return
  const left = texts.length - SHOWN
  const lines = left > 0 ? [`… ${left} lines more`, ...texts.slice(left)] : texts
  try {
    const tty = (await readText(join(run, 'tty'))).trim()
    if (!/^\/dev\/(pts\/\d+|tty\w+)$/.test(tty)) return
    const file = await open(tty, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    try {
      await file.write(lines.map(line => `${oneLine(line, 180)}\r\n`).join(''))
    } finally {
      await file.close()
    }
  } catch {
    // The pane is gone or stopped (Ctrl-S): what passed is in the log all the same.
  }
}
