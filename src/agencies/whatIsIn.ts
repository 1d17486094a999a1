/** Names of the files in a folder that may not be there. */
import { readdir } from 'node:fs/promises'

export async function whatIsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort()
}
