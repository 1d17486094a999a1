/** Bodies that are too long to be handed over in line: a file in registry/mail/, written before anything points to it. */
import { existsSync } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from '../config/workspace.ts'
import { replaceFile } from '../kernel/json.ts'
import { formatHeader, formatMailLine } from '../model/header.ts'
import type { Message } from '../model/message.ts'
import { type Address, splitAddress } from '../model/names.ts'
import { sanitise } from '../model/sanitize.ts'
import { ownMail, runFolder } from '../supervisor/runFolder.ts'

const MAX_INLINE_LINES = 8

/** The text to type: the header first, always, then the body or the line that points to its file. */
export async function typedText(
  workspace: Workspace,
  message: Message,
  to: Address,
  options: { redelivery: number | undefined; mailOver: number },
): Promise<string> {
  const header = formatHeader({
    id: message.id,
    from: message.from,
    to,
    type: message.type,
    redelivery: options.redelivery,
  })
  const body = sanitise(message.body).text.trim()
  // Three of the programs tried show a tab as four spaces, one takes it for a key; before an Enter, a backslash asks for a new line.
  const isLong =
    Buffer.byteLength(body) > options.mailOver ||
    body.split('\n').length > MAX_INLINE_LINES ||
    body.includes('\t') ||
    body.endsWith('\\')
  if (!isLong) return `${header} ${body}`
  return `${header} ${formatMailLine(await writeMail(workspace, message, to), Buffer.byteLength(message.body))}`
}

/** The body exactly as it was sent. The name is the message's id, so writing it twice is harmless. An isolated agent has a folder of its own. */
export async function writeMail(workspace: Workspace, message: Message, to?: Address): Promise<string> {
  const own = to === undefined || splitAddress(to) === undefined ? undefined : ownMail(runFolder(workspace, to))
  const folder = own !== undefined && existsSync(own) ? own : workspace.mail
  const file = join(folder, `${message.id}.${message.payload ? 'json' : 'md'}`)
  if (
    await access(file).then(
      () => true,
      () => false,
    )
  )
    return file
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await replaceFile(file, message.body)
  return file
}
