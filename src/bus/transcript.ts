/** Looks into the file in which a program writes its conversation down: the best evidence that a message has arrived. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { showsSign } from '../model/header.ts'

/** A hand-over is looked for soon after it was made; what is older than this lies before it. */
const TAIL_BYTES = 4 * 1024 * 1024

/** False also when there is no such file. */
export async function showsInTranscript(file: string | undefined, sign: string): Promise<boolean> {
  if (file === undefined) return false
  try {
    // The agent has named it: a pipe would be waited for.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const found = await handle.stat()
    if (!found.isFile()) return false
    const { size } = found
    const length = Math.min(size, TAIL_BYTES)
    const { buffer } = await handle.read({ buffer: Buffer.alloc(length), position: size - length })
    return showsSign(plain(buffer.toString('utf8')), sign)
  } catch {
    return false
  }
}

/** Some programs write everything beyond ASCII as \\uXXXX. */
function plain(json: string): string {
  return json.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
