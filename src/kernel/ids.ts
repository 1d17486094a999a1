/** UUIDv7 ids and their short form. */
import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'
import { AgencyError } from './errors.ts'

declare const brand: unique symbol
/** A UUIDv7 in lower case: time first, so ids sort by creation and prefixes collide. */
export type Id = string & { readonly [brand]: 'Id' }

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const SHORT = /^[0-9a-f]{8}$/

/** Ids of this process sort in the order of their making, also within one millisecond. */
export function newId(): Id {
  const now = Date.now()
  const random = takeRandom()
  if (now > lastMs) {
    lastMs = now
    // A counter of 32 bits that begins in the lower half, so that it never runs over.
    lastSeq = random.readUInt32BE(0) >>> 1
  } else lastSeq++
  return v7({ msecs: lastMs, seq: lastSeq, random }) as Id
}

let lastMs = 0
let lastSeq = 0

/** What v7 takes for one id. */
const ID_BYTES = 16
/** Asking the system for each id's few bytes by themselves made an id cost 15 µs, and now 2: a message takes three. */
const pool = Buffer.alloc(ID_BYTES * 64)
let taken = pool.length

function takeRandom(): Buffer {
  if (taken === pool.length) {
    randomFillSync(pool)
    taken = 0
  }
  taken += ID_BYTES
  return pool.subarray(taken - ID_BYTES, taken)
}

export function isId(value: unknown): value is Id {
  return typeof value === 'string' && UUID_V7.test(value)
}

/** When an id was made, milliseconds since the epoch, as it says itself. */
export function madeAt(id: Id): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** An id that a sender chose. AgencyError('BAD_MESSAGE') for what is none: ids name files, too. */
export function checkId(id: string): Id {
  if (isId(id)) return id
  throw new AgencyError('BAD_MESSAGE', `${JSON.stringify(id.slice(0, 60))} is not a UUIDv7 in lower case`, {
    hint: 'leave the id out, and one is made',
  })
}

/** The last 8 hex digits: random, so they tell ids of one moment apart. Shown and accepted everywhere. */
export function shortId(id: string): string {
  return id.slice(-8)
}

export function isShortId(value: unknown): value is string {
  return typeof value === 'string' && SHORT.test(value)
}
