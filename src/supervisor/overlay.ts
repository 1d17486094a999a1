/** A program's own folder as one agent sees it: links to the person's files, and settings of ours laid over theirs. */
import { lstat, mkdir, readdir, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Overlay } from '../drivers/driver.ts'
import { AgencyError } from '../kernel/errors.ts'
import { isObject, replaceFile } from '../kernel/json.ts'
import { readText } from '../kernel/plainFile.ts'

/** Nothing of the person's is written. Programs replace files by renaming: what stands in the agent's folder stays while it is the newer one. */
export async function layOver({ of, at, own, json, isLinked }: Overlay): Promise<void> {
  await mkdir(at, { recursive: true, mode: 0o700 })
  for (const name of isLinked ? await readdir(of).catch(() => [] as string[]) : [])
    if (!own.includes(name) && !Object.hasOwn(json, name)) await link(join(of, name), join(at, name))
  for (const [name, text] of Object.entries(json)) {
    const ours: unknown = JSON.parse(text)
    const merged = merge(await readSettings(join(of, name)), ours)
    await replaceFile(join(at, name), `${JSON.stringify(merged, null, 2)}\n`, { mode: 0o600 })
  }
}

async function link(theirs: string, ours: string): Promise<void> {
  const there = await lstat(ours).catch(() => undefined)
  const original = await stat(theirs).catch(() => undefined)
  const isOutdated = there?.isFile() && original?.isFile() && original.mtimeMs > there.mtimeMs
  if (there && !there.isSymbolicLink() && !isOutdated) return
  if (there) await rm(ours)
  await symlink(theirs, ours)
}

/** Settings files of such programs are JSON with comments. */
async function readSettings(file: string): Promise<unknown> {
  const text = await readText(file).catch(() => '{}')
  try {
    return JSON.parse(text.replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1'))
  } catch (error) {
    throw new AgencyError('ENVIRONMENT', `${file} cannot be read: ${(error as Error).message}`, {
      hint: 'mend the file, or take it away',
    })
  }
}

/** Objects are merged, lists joined; elsewhere ours counts. */
function merge(theirs: unknown, ours: unknown): unknown {
  if (Array.isArray(theirs) && Array.isArray(ours)) return [...theirs, ...ours]
  if (!isObject(theirs) || !isObject(ours)) return ours
  const merged: Record<string, unknown> = { ...theirs }
  for (const [key, value] of Object.entries(ours))
    merged[key] = Object.hasOwn(theirs, key) ? merge(theirs[key], value) : value
  return merged
}
