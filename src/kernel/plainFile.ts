/** The text of a file, where anything may lie in its place: a pipe would be waited for, and a device never ends. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { open } from 'node:fs/promises'

/** More than any file that a person or a program writes for us. */
const MOST_BYTES = 16_000_000
const HOW = constants.O_RDONLY | constants.O_NONBLOCK

/** Throws, with a code as the system's own errors have, when it is no file; links are followed. */
export async function readText(path: string): Promise<string> {
  const handle = await open(path, HOW)
  try {
    refuseOther(await handle.stat(), path)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

export function readTextSync(path: string): string {
  const file = openSync(path, HOW)
  try {
    refuseOther(fstatSync(file), path)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

function refuseOther(found: Stats, path: string): void {
  if (!found.isFile()) throw refusal(found.isDirectory() ? 'EISDIR' : 'EINVAL', `${path} is no file`)
  if (found.size > MOST_BYTES) throw refusal('EFBIG', `${path} has ${found.size} bytes`)
}

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
