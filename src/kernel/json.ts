/** JSON that never throws at the door, and files that are either the old or the new. */
import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }
export type JsonObject = { [key: string]: JsonValue }

/** What is nested deeper is parsed, and can be neither written nor sent to another thread: both go as deep into the stack. */
const DEEPEST = 200

export function parseJson(text: string): { ok: true; value: JsonValue } | { ok: false; reason: string } {
  try {
    const value = JSON.parse(text) as JsonValue
    if (isDeeper(value, DEEPEST)) return { ok: false, reason: `it is nested more than ${DEEPEST} deep` }
    return { ok: true, value }
  } catch (error) {
    return { ok: false, reason: (error as Error).message }
  }
}

function isDeeper(value: JsonValue, than: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return than === 0 || Object.values(value).some(inner => isDeeper(inner, than - 1))
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Replaces a file in one step: a reader sees the whole old or the whole new text, a crash leaves one of them. */
export async function replaceFile(
  path: string,
  text: string,
  options: { mode?: number; durable?: boolean } = {},
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx', options.mode ?? 0o600)
    try {
      await file.writeFile(text)
      if (options.durable) await file.datasync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
