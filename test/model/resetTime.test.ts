import { expect, it } from 'vitest'
import { readResetTime } from '../../src/model/resetTime.ts'

const now = new Date(2026, 10, 21, 14, 30).getTime()
const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime()

it.each([
  ['resets 3pm', at(21, 15)],
  ['resets at 3:45 PM (Europe/Berlin)', at(21, 15, 45)],
  ['resets 9am', at(22, 9)],
  ['12am', at(22, 0)],
  ['try again at 15:05.', at(21, 15, 5)],
  ['try again at Nov 24th, 2026 3:07 PM.', at(24, 15, 7)],
  ['Jan 2, 8am', new Date(2027, 0, 2, 8).getTime()],
  ['try again in 2 hours 5 minutes', now + 125 * 60_000],
  ['in 3d 4h', now + 76 * 3_600_000],
  ['in 45s', now + 45_000],
  ['resets 2026-11-21T20:00:00Z', Date.parse('2026-11-21T20:00:00Z')],
])('R-AGY-5 %s', (words, expected) => {
  expect(readResetTime(words, now)).toBe(expected)
})

it('R-AGY-5 words without a time name none', () => {
  expect(readResetTime('usage limit reached', now)).toBeUndefined()
})

it('R-AGY-5 a time that has just come is over, and not tomorrow', () => {
  expect(readResetTime('resets 2:30pm', now + 20_000)).toBe(now)
})
