import { expect, it } from 'vitest'
import { momentOf } from '../../src/cli/moment.ts'
import { cut, dayAndTime } from '../../src/cli/text.ts'

it('R-ALL-3 a time is so long ago, or a date of here', () => {
  const now = 1_800_000_000_000
  expect(momentOf('2h', '--since', now)).toBe(now - 7_200_000)
  expect(momentOf('2026-11-21', '--since')).toBe(new Date(2026, 10, 21).getTime())
  expect(momentOf('2026-11-21T14:05', '--since')).toBe(new Date(2026, 10, 21, 14, 5).getTime())
  expect(momentOf('2026-11-21T14:05:00Z', '--since')).toBe(Date.UTC(2026, 10, 21, 14, 5))
  expect(momentOf(undefined, '--since')).toBeUndefined()
  for (const bad of ['yesterday', '', '2026-13-40', '2026-11-21T99:99', '-2h'])
    expect(() => momentOf(bad, '--since')).toThrow(/no time/)
})

it('R-ALL-3 a line is cut to the terminal, its colours apart', () => {
  expect(cut('abcdef', 6)).toBe('abcdef')
  expect(cut('abcdefg', 6)).toBe('abcde…')
  expect(cut('\u001b[31mabcdefg\u001b[39mhi', 6)).toBe('\u001b[31mabcde…\u001b[39m')
  expect(cut('abc\u001b[31mdefg\u001b[39m', 4)).toBe('abc\u001b[31m…\u001b[39m')
  expect(cut('abcdefg', undefined)).toBe('abcdefg')
})

it('R-ALL-3 a time tells its day when it is not of today', () => {
  const now = new Date(2026, 10, 21, 12)
  expect(dayAndTime(new Date(2026, 10, 21, 3, 4, 5).toISOString(), now)).toBe('03:04:05')
  expect(dayAndTime(new Date(2026, 10, 20, 3, 4, 5).toISOString(), now)).toBe('11-20 03:04')
  expect(dayAndTime(new Date(2025, 10, 20).toISOString(), now)).toBe('2025-11-20')
})
