/** A submitted prompt read as a message: its header, its body (from the mail file when it only points there), its payload. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isObject, parseJson } from '../kernel/json.ts'
import { parseHeader, parseMailLine } from '../model/header.ts'

export interface Message {
  /** The nonce; empty when a person typed without a header. */
  readonly id: string
  readonly from: string
  readonly to: string
  readonly type: string
  readonly isRedelivery: boolean
  readonly body: string
  readonly payload: Readonly<Record<string, unknown>> | undefined
  /** Why the mail file could not be read. */
  readonly problem?: string
}

export function readMessage(text: string): Message {
  const parsed = parseHeader(text)
  const header = parsed?.header ?? { from: 'human', to: '', type: 'PROMPT', nonce: '', redelivery: undefined }
  const { body, problem } = bodyOf((parsed?.body ?? text).trim())
  const json = body.startsWith('{') ? parseJson(body) : undefined
  const payload = json?.ok && isObject(json.value) ? json.value : undefined
  const { from, to, type, nonce: id } = header
  const isRedelivery = header.redelivery !== undefined
  return { id, from, to, type, isRedelivery, body, payload, ...(problem ? { problem } : {}) }
}

function bodyOf(typed: string): { body: string; problem?: string } {
  const path = parseMailLine(typed)
  if (!path) return { body: typed }
  try {
    const text = readFileSync(path, 'utf8')
    return { body: (parseHeader(text)?.body ?? text).trim() }
  } catch (error) {
    return { body: '', problem: `cannot read ${path}: ${(error as Error).message}` }
  }
}

export interface Digest {
  readonly nonce?: string
  readonly redelivery?: true
  readonly fileBytes?: number
  readonly fileSha256?: string
}

/** What the log says of a text beside the text itself: enough to judge a delivery, mail files included. */
export function digestOf(text: string): Digest {
  const parsed = parseHeader(text)
  const path = parseMailLine((parsed?.body ?? text).trim())
  return {
    ...(parsed ? { nonce: parsed.header.nonce } : {}),
    ...(parsed?.header.redelivery === undefined ? {} : { redelivery: true as const }),
    ...(path ? fileDigest(path) : {}),
  }
}

function fileDigest(path: string): Digest {
  try {
    const bytes = readFileSync(path)
    return { fileBytes: bytes.length, fileSha256: createHash('sha256').update(bytes).digest('hex') }
  } catch {
    return { fileBytes: -1 }
  }
}
