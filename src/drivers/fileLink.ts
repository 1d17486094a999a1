/** Programs that take prompts from the disk: a file they follow line by line, or a folder they empty. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { replaceFile } from '../kernel/json.ts'
import { appendText } from '../kernel/plainFile.ts'
import type { Link, Prompt } from './driver.ts'

export const fileLink = {
  /** The program follows the file; that it has taken a line, its hooks say. */
  async lines(file: string, line: (text: string) => string): Promise<Link> {
    return link({ canInterrupt: false }, async ({ text }) => {
      await appendText(file, `${line(text)}\n`, 0o600)
      return `a line was appended to ${file}`
    })
  },

  /** An extension in the program hands each on once, and takes its file away where it may. */
  async spool(folder: string): Promise<Link> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // Those of earlier starts: a program behind a wall takes nothing away.
    for (const name of await readdir(dirname(folder)))
      if (name !== basename(folder)) await rm(join(dirname(folder), name), { recursive: true, force: true })
    return link({ canInterrupt: true }, async ({ id, text, interrupts }) => {
      const file = join(folder, `${id}.json`)
      await replaceFile(file, JSON.stringify({ id, text, interrupts }), { mode: 0o600 })
      return `written to ${file}`
    })
  },
}

function link(kind: Pick<Link, 'canInterrupt'>, write: (prompt: Prompt) => Promise<string>): Link {
  return {
    ...kind,
    obstacle: () => undefined,
    submit: async prompt => ({ kind: 'taken', evidence: await write(prompt), isProof: false }),
    // A file says nothing about what was read of it.
    find: async () => 'unknown',
    [Symbol.asyncDispose]: async () => undefined,
  }
}
