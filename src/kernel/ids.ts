/** UUIDv7 ids and their short form. */
import { v7 } from 'uuid'

declare const brand: unique symbol
/** A UUIDv7 in lower case: time first, so ids sort by creation and prefixes collide. */
export type Id = string & { readonly [brand]: 'Id' }

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const SHORT = /^[0-9a-f]{8}$/

export function newId(): Id {
  return v7() as Id
}

export function isId(value: unknown): value is Id {
  return typeof value === 'string' && UUID_V7.test(value)
}

/** The last 8 hex digits: random, so they tell ids of one moment apart. Shown and accepted everywhere. */
export function shortId(id: string): string {
  return id.slice(-8)
}

export function isShortId(value: unknown): value is string {
  return typeof value === 'string' && SHORT.test(value)
}
