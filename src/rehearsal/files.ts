/** Files of the agent's own folder: a playbook writes there and nowhere else. */
import { mkdir, realpath, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'

/** The absolute path, or an error when it leaves the current folder, be it through a symbolic link. */
export async function insidePath(path: string): Promise<string> {
  const root = await realpath(process.cwd())
  const full = resolve(root, path)
  if (!isInside(root, full) || !isInside(root, await realPart(full))) throw new Error(`${path} is outside ${root}`)
  return full
}

export async function writeInside(path: string, content: string): Promise<void> {
  const full = await insidePath(path)
  await mkdir(dirname(full), { recursive: true })
  await writeFile(full, content)
}

function isInside(root: string, full: string): boolean {
  const way = relative(root, full)
  return way !== '' && way !== '..' && !way.startsWith('../') && !isAbsolute(way)
}

/** The real place of the deepest part that exists, with the rest of the path put behind it. */
async function realPart(full: string): Promise<string> {
  try {
    return await realpath(full)
  } catch {
    return join(await realPart(dirname(full)), full.slice(dirname(full).length))
  }
}
