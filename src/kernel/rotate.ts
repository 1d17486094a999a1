/** Puts a file that has grown too large aside as `.1`, and what was there as `.2`, and so on. Whoever holds it open goes on writing to it. */
import { rename, stat } from 'node:fs/promises'

/** True when the file was put aside. `kept`: how many are kept beside the one in use, at least 1; the oldest goes. */
export async function rotateWhenLarge(file: string, limits: { maxBytes: number; kept: number }): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile() || found.size <= limits.maxBytes) return false
  for (let number = limits.kept - 1; number >= 1; number--) await move(`${file}.${number}`, `${file}.${number + 1}`)
  await move(file, `${file}.1`)
  return true
}

async function move(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}
