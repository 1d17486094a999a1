/** A time as a person reads it, in this machine's time zone. Pure but for that. */

/** `15:04`; with its date when that is another than today's. */
export function sayMoment(at: number, now: number): string {
  const date = new Date(at)
  const clock = date.toTimeString().slice(0, 5)
  if (date.toDateString() === new Date(now).toDateString()) return clock
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`
}
