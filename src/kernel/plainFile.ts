/** Files by their text, where anything may lie in its place: a pipe would be waited for, and a device never ends. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { open } from 'node:fs/promises'

/** More than any file that a person or a program writes for us. */
const MOST_BYTES = 16_000_000
export const TO_READ = constants.O_RDONLY | constants.O_NONBLOCK
const TO_APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK

/** Throws, with a code as the system's own errors have, when it is no file; links are followed. */
export async function readText(path: string): Promise<string> {
  const handle = await open(path, TO_READ)
  try {
    const found = await handle.stat()
    refuseOther(found, path)
    refuseLarge(found, path)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

export function readTextSync(path: string): string {
  const file = openSync(path, TO_READ)
  try {
    const found = fstatSync(file)
    refuseOther(found, path)
    refuseLarge(found, path)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

/** Made with `mode` when it is not there. */
export async function appendText(path: string, text: string, mode = 0o666): Promise<void> {
  const handle = await open(path, TO_APPEND, mode)
  try {
    refuseOther(await handle.stat(), path)
    await handle.appendFile(text)
  } finally {
    await handle.close()
  }
}

function refuseOther(found: Stats, path: string): void {
  if (!found.isFile()) throw refusal(found.isDirectory() ? 'EISDIR' : 'EINVAL', `${path} is no file`)
}

function refuseLarge(found: Stats, path: string): void {
  if (found.size > MOST_BYTES) throw refusal('EFBIG', `${path} has ${found.size} bytes`)
}

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
