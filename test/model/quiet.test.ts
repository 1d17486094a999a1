import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isQuiet, isTimeZone, parseQuiet, type QuietHours } from '../../src/model/quiet.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
// One that changes its time at night, one that does so in the other half of the year by half an hour, one that never does.
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'] as const

const minute = fc.integer({ min: 0, max: 1439 })
const hours: fc.Arbitrary<QuietHours> = fc
  .record({ from: minute, to: minute, timeZone: fc.constantFrom(...ZONES) })
  .filter(({ from, to }) => from !== to)
const time = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) })

/** The wall's clock by another road than the one that is tested. */
function wall(at: number, timeZone: string | undefined): string {
  return new Date(at).toLocaleTimeString('sv-SE', { hour: '2-digit', minute: '2-digit', timeZone })
}

const digits = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

it('110: it is quiet exactly while the clock on the wall stands between the two times, across midnight too', () => {
  fc.assert(
    fc.property(time, hours, (at, quiet) => {
      const [now, from, to] = [wall(at, quiet.timeZone), digits(quiet.from), digits(quiet.to)]
      const isBetween = from < to ? from <= now && now < to : now >= from || now < to
      expect(isQuiet(at, quiet)).toBe(isBetween)
    }),
    { numRuns: 2_000 },
  )
})

it('110: at every moment either the hours or their complement are quiet, and never both', () => {
  fc.assert(
    fc.property(time, hours, (at, quiet) => {
      const other = { ...quiet, from: quiet.to, to: quiet.from }
      expect(isQuiet(at, quiet)).not.toBe(isQuiet(at, other))
    }),
  )
})

it('111: a night is quiet from end to end in one piece on the days that a change of time makes longer or shorter', () => {
  const nights = [
    { noon: Date.UTC(2026, 2, 28, 11), lengthMs: 8 * HOUR },
    { noon: Date.UTC(2026, 9, 24, 10), lengthMs: 10 * HOUR },
    { noon: Date.UTC(2026, 6, 1, 10), lengthMs: 9 * HOUR },
  ]
  const quiet = parseQuiet('22:00-07:00', 'Europe/Berlin')!
  for (const { noon, lengthMs } of nights) {
    const minutes = Array.from({ length: 24 * 60 }, (_, index) => isQuiet(noon + index * MINUTE, quiet))
    const changes = minutes.filter((now, index) => index > 0 && now !== minutes[index - 1]).length
    expect([changes, minutes.filter(Boolean).length * MINUTE]).toEqual([2, lengthMs])
  }
})

it('the time zone is that of this machine when none is named', () => {
  const quiet = parseQuiet('00:00-12:00')!
  const morning = new Date(2026, 5, 1, 9).getTime()
  expect([isQuiet(morning, quiet), isQuiet(morning + 6 * HOUR, quiet)]).toEqual([true, false])
})

it('what is not written as two times is refused, and so is a span without length', () => {
  expect(parseQuiet('22:00-07:00')).toEqual({ from: 1320, to: 420, timeZone: undefined })
  for (const text of ['', '22-7', '24:00-07:00', '22:60-07:00', '22:00-22:00', '22:00–07:00'])
    expect(parseQuiet(text), text).toBe(undefined)
  expect([isTimeZone('Europe/Berlin'), isTimeZone('Mars/Base'), isTimeZone('')]).toEqual([true, false, false])
})
