/** Reads when a usage limit ends from what a program's screen says: `3pm`, `15:30`, `in 2h 5m`, `Nov 22, 3:15 PM`, ISO 8601. Pure. */

const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 }
const SPAN = /(\d+)\s*(d|h|m|s)(?:ays?|ours?|rs?|in(?:ute)?s?|ec(?:ond)?s?)?\b/gi
const CLOCK = /\b(\d{1,2})(?::(\d{2}))?(?::\d{2})?\s*([ap])\.?m\b|\b(\d{1,2}):(\d{2})\b/i
const DAY = /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?\b/i
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Milliseconds since the epoch; a time of day is the next one, in this machine's time zone. Undefined when the words name no time. */
export function readResetTime(words: string, now: number): number | undefined {
  const iso = /\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?/.exec(words)?.[0]
  if (iso) return finite(Date.parse(iso))
  const clock = CLOCK.exec(words)
  if (clock) return atClock(words, clock, now)
  const spans = [...words.matchAll(SPAN)]
  if (spans.length === 0) return undefined
  return now + spans.reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit!.toLowerCase()]!, 0)
}

/** Later than this, the same time of day on a screen is another limit's. */
const STALE_MS = 12 * 3_600_000
/** A day of the calendar has 23 to 25 hours. */
const DAY_SLACK_MS = 3_660_000

/**
 * Whether a time that was read is that of a limit which is over: it lies behind, or lies ahead only because the banner of the limit that
 * ended at `over` still stands there, and `words` are a time of day, which is then tomorrow's, or a span, which begins anew with each look.
 */
export function isOldReset(words: string, until: number, now: number, over: number | undefined): boolean {
  if (until <= now) return true
  if (over === undefined || over > now || now - over > STALE_MS) return false
  return isSpan(words) || Math.abs(until - over - UNIT_MS.d!) < DAY_SLACK_MS
}

function isSpan(words: string): boolean {
  return !/\d{4}-\d{2}-\d{2}T/.test(words) && !CLOCK.test(words)
}

/** While a limit lasts, the first reading of its end counts: a span would move it on with each look. */
export function limitEnd(
  { state, limitedUntil }: { readonly state: string; readonly limitedUntil?: number | undefined },
  read: number | undefined,
  now: number,
): number | undefined {
  const isLasting = state === 'limited' && limitedUntil !== undefined && limitedUntil > now
  return isLasting && read !== undefined ? Math.min(limitedUntil, read) : read
}

function atClock(words: string, clock: RegExpExecArray, now: number): number | undefined {
  const [, hour12, minute12, half, hour24, minute24] = clock
  const hour = half ? (Number(hour12) % 12) + (half.toLowerCase() === 'p' ? 12 : 0) : Number(hour24)
  const at = new Date(now)
  const day = DAY.exec(words)
  if (day) at.setMonth(MONTHS.indexOf(day[1]!.toLowerCase()), Number(day[2]))
  at.setHours(hour, Number((half ? minute12 : minute24) ?? 0), 0, 0)
  if (Number.isNaN(at.getTime())) return undefined
  // What the screen says was true a moment ago: a time just past is today's, and the limit is over.
  if (!day && at.getTime() < now - 60_000) at.setDate(at.getDate() + 1)
  if (day && at.getTime() < now - 180 * UNIT_MS.d!) at.setFullYear(at.getFullYear() + 1)
  return at.getTime()
}

function finite(at: number): number | undefined {
  return Number.isFinite(at) ? at : undefined
}
