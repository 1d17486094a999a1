/** Times as people write them: so long ago, or a date. */
import { AgencyError } from '../kernel/errors.ts'
import { parseDuration } from './text.ts'

const DATE = /^\d{4}-\d\d-\d\d$/
const DATE_AND_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/

/** Milliseconds since the epoch of `2h`, `2026-11-21` (its begin, here) or `2026-11-21T14:00`. AgencyError('USAGE') for anything else. */
export function momentOf(value: unknown, option: string, now = Date.now()): number | undefined {
  if (value === undefined) return undefined
  const text = String(value).trim()
  const ago = parseDuration(text)
  if (ago !== undefined) return Math.max(0, now - ago)
  // A date alone would be read as one in Greenwich.
  const at = DATE.test(text) ? new Date(`${text}T00:00`) : DATE_AND_TIME.test(text) ? new Date(text) : undefined
  if (at !== undefined && Number.isFinite(at.getTime())) return Math.max(0, at.getTime())
  throw new AgencyError('USAGE', `${option} ${text.slice(0, 40)} is no time`, {
    hint: `${option} 2h, ${option} 7d, ${option} 2026-11-21 or ${option} 2026-11-21T14:00`,
  })
}
