/** Quiet hours: a part of the day, by the clock on the wall of a time zone, across midnight too. Pure. */

export interface QuietHours {
  /** Minutes since midnight; `from` is quiet, `to` is not. From 22:00 to 07:00 goes across midnight. */
  readonly from: number
  readonly to: number
  /** As IANA names it; undefined for that of this machine. */
  readonly timeZone: string | undefined
}

const FORM = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/

/** Of `22:00-07:00`. Undefined for anything else, and for a span that has no length. */
export function parseQuiet(text: string, timeZone?: string): QuietHours | undefined {
  const [, ...digits] = FORM.exec(text.trim()) ?? []
  if (digits.length !== 4) return undefined
  const [hours = 0, minutes = 0, untilHours = 0, untilMinutes = 0] = digits.map(Number)
  const [from, to] = [hours * 60 + minutes, untilHours * 60 + untilMinutes]
  return from === to ? undefined : { from, to, timeZone }
}

/** The clock on the wall decides: an hour that a change of time leaves out or repeats is as quiet as its digits say. */
export function isQuiet(at: number, { from, to, timeZone }: QuietHours): boolean {
  const minute = wallMinute(at, timeZone)
  return from < to ? from <= minute && minute < to : minute >= from || minute < to
}

const formats = new Map<string, Intl.DateTimeFormat>()

function wallMinute(at: number, timeZone = ''): number {
  const format = formats.get(timeZone) ?? formatOf(timeZone)
  formats.set(timeZone, format)
  const parts = format.formatToParts(at)
  const value = (type: string) => Number(parts.find(part => part.type === type)?.value)
  return value('hour') * 60 + value('minute')
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const zone = timeZone === '' ? {} : { timeZone }
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...zone })
}

export function isTimeZone(name: string): boolean {
  try {
    formatOf(name)
    return name !== ''
  } catch {
    return false
  }
}
