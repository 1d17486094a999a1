/** A file of the outbox that is held while it is read: what goes in the end is that file, and nothing that came under its name. */
import type { BigIntStats } from 'node:fs'
import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { newId } from '../kernel/ids.ts'

export interface Held extends AsyncDisposable {
  readonly file: string
  readonly name: string
  readonly info: BigIntStats
  /** Only of a file: a pipe that lies there would be waited for, and a link leads out of the folder. */
  readonly handle: FileHandle | undefined
}

const TAKEN = '.taken-'

/** Undefined when it is gone. While it is open, no other file can be taken for it. */
export async function hold(file: string): Promise<Held | undefined> {
  try {
    const found = await lstat(file, { bigint: true })
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    const handle = found.isFile() ? await open(file, flags) : undefined
    const info = handle ? await handle.stat({ bigint: true }) : found
    return { file, name: basename(file), info, handle, [Symbol.asyncDispose]: async () => handle?.close() }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Moves it to a name that nobody else has before it is looked at again: `beside` is a folder for that. */
export async function takeAway({ file, info }: Held, beside: string, to?: string): Promise<void> {
  const id = newId()
  const aside = join(beside, `${TAKEN}${id}`)
  try {
    await rename(file, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const moved = await lstat(aside, { bigint: true })
  if (moved.ino !== info.ino || moved.dev !== info.dev) await rename(aside, join(file, '..', `${id}.json`))
  else if (to === undefined) await rm(aside)
  else await rename(aside, to)
}

/** What a daemon had moved aside when it died goes back, and is taken in as anything else. */
export async function putBack(beside: string, folder: string): Promise<void> {
  for (const name of (await readdir(beside)).filter(found => found.startsWith(TAKEN)))
    await rename(join(beside, name), join(folder, `${name.slice(TAKEN.length)}.json`))
}
