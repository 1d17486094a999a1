/** A home folder for the programs of a rehearsal, so that a person's own settings stay as they are. */
import { mkdir, realpath, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { AgencyError } from '../kernel/errors.ts'
import type { Setup } from './setups.ts'

/** Returns its absolute path. What lies there is replaced, since the server's address changes. */
export async function writeHome(folder: string, setups: readonly Setup[]): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const home = await realpath(folder)
  if (home === (await realpath(homedir()).catch(homedir)))
    throw new AgencyError('USAGE', `${folder} is your own home folder: its settings would be replaced`, {
      hint: 'agency rehearse --model-server --home ./rehearsal-home',
    })
  for (const { path, content } of setups.flatMap(({ files }) => files)) {
    await mkdir(dirname(join(home, path)), { recursive: true })
    await writeFile(join(home, path), content, { mode: 0o600 })
  }
  return home
}
