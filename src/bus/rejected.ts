/** What the outbox did not take in: kept with the reason, its token removed, beside whatever else of that name is kept there. */
import { createHash } from 'node:crypto'
import { createWriteStream, lstatSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { AgencyError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { isObject, parseJson, replaceFile } from '../kernel/json.ts'
import type { Held } from './heldFile.ts'

/** In bytes; a folder takes 255, and beside it comes a longer one. */
const LONGEST_NAME = 180
const TOKENS = /[0-9a-f]{64}/g
const TOKEN_LENGTH = 64

/** Returns the name under which it is kept: the same one for the same again, as after a crash. */
export async function keepRejected(
  folder: string,
  { name: given, what }: { readonly name: string; readonly what: unknown },
  reason: AgencyError,
): Promise<string> {
  const file = withoutToken(what)
  const name = await nameFor(folder, given, file)
  const rejected = { at: new Date().toISOString(), ...reason.toDocument() }
  await replaceFile(join(folder, name), `${JSON.stringify({ rejected, file }, null, 2)}\n`)
  return name
}

/** Of what is too large to be read: all of it, beside its reason. */
export async function copyWithoutTokens(handle: NonNullable<Held['handle']>, to: string): Promise<void> {
  let rest = ''
  const strip = new Transform({
    transform(chunk: Buffer, _, done) {
      const text = (rest + chunk.toString('latin1')).replace(TOKENS, '')
      rest = text.slice(1 - TOKEN_LENGTH)
      done(null, Buffer.from(text.slice(0, text.length - rest.length), 'latin1'))
    },
    flush(done) {
      done(null, Buffer.from(rest, 'latin1'))
    },
  })
  const from = handle.createReadStream({ start: 0, autoClose: false })
  await pipeline(from, strip, createWriteStream(to, { mode: 0o600 }))
}

/** Beside it lies what could not be written into it. */
export function originalOf(kept: string): string {
  return `${kept}.original`
}

async function nameFor(folder: string, given: string, file: unknown): Promise<string> {
  const stem = Buffer.byteLength(given) > LONGEST_NAME ? digestOf(given) : given.replace(/\.json$/, '')
  const first = `${stem}.json`
  const there = await readFile(join(folder, first), 'utf8').catch(() => undefined)
  if (there === undefined) return first
  const parsed = parseJson(there)
  const isSame = parsed.ok && isObject(parsed.value) && JSON.stringify(parsed.value['file']) === JSON.stringify(file)
  // What is no file has no words by which it would be known again.
  if (lstatSync(originalOf(join(folder, first)), { throwIfNoEntry: false })) return `${stem}.${newId()}.json`
  return isSame ? first : `${stem}.${digestOf(JSON.stringify(file))}.json`
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function withoutToken(value: unknown): unknown {
  if (isObject(value)) return { ...value, token: undefined }
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.replace(TOKENS, '…')
}
