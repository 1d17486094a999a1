/** Tells from the files in which git keeps branches whether one can have moved: asking git itself takes three processes. */
import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Whatever a look at branches reads: both ways of keeping them, and what names the main one. */
const PLACES = ['HEAD', 'packed-refs', 'refs/heads', 'refs/remotes/origin/HEAD', 'reftable'] as const

/** Two moves within one tick of the file system's clock look alike. */
const SETTLED_MS = 50

/** Changes with every move of a branch. Undefined while a move is too young to be told from the next. */
export function refStamp(commonDir: string): string | undefined {
  const entries: string[] = []
  let youngest = 0
  const note = (path: string) => {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (!found) return
    youngest = Math.max(youngest, found.ctimeMs)
    entries.push(`${path} ${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`)
    if (found.isDirectory()) for (const { name } of namesIn(path)) note(join(path, name))
  }
  try {
    for (const place of PLACES) note(join(commonDir, place))
  } catch {
    // A folder that may not be looked into, or that is just going: git is asked.
    return undefined
  }
  return Math.abs(Date.now() - youngest) > SETTLED_MS ? entries.join('\n') : undefined
}

/** Without the locks that git takes while it writes: what they become is seen. */
function namesIn(folder: string): readonly Dirent[] {
  return readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.endsWith('.lock'))
}
