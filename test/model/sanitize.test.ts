import fc from 'fast-check'
import { expect, it } from 'vitest'
import { oneLine, sanitise } from '../../src/model/sanitize.ts'

const wild = fc.string({ unit: 'binary' })

it('R-ALL-4 nothing that moves a cursor, hides or re-orders survives, whatever comes in', () => {
  fc.assert(
    fc.property(wild, text => {
      const clean = sanitise(text).text
      expect(clean).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
      expect(clean).not.toMatch(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/)
      expect(Buffer.from(clean).toString(), 'no half of a pair').toBe(clean)
      expect(sanitise(clean)).toEqual({ text: clean, changes: 0 })
    }),
  )
})

it('R-ALL-4 ordinary text in any language is left exactly as it is', () => {
  for (const text of ['plain', 'tab\tand\nline', 'ünï · 家族 · עברית · العربية', '👩‍👩‍👧 ❤️', '  spaces  '])
    expect(sanitise(text)).toEqual({ text, changes: 0 })
})

it('R-ALL-4 each thing that is taken away leaves a mark, and line ends become one', () => {
  expect(sanitise('a\u001b[201~b').text).toBe('a\ufffd[201~b')
  expect(sanitise('a\u009b201~b').text).toBe('a\ufffd201~b')
  expect(sanitise('a\0b\u007fc\u202ed').text).toBe('a\ufffdb\ufffdc\ufffdd')
  expect(sanitise('a\r\nb\rc')).toEqual({ text: 'a\nb\nc', changes: 2 })
  expect(sanitise('half \ud83d of a pair')).toEqual({ text: 'half \ufffd of a pair', changes: 1 })
  expect(sanitise('hidden\u{e0041}tag')).toEqual({ text: 'hidden\ufffdtag', changes: 1 })
})

it('R-ALL-3 one line is one line, no wider than asked for', () => {
  expect(oneLine(' a\n\tb  c ')).toBe('a b c')
  expect(oneLine('💡'.repeat(10), 4)).toBe('💡💡💡…')
  fc.assert(
    fc.property(wild, fc.integer({ min: 1, max: 80 }), (text, width) => {
      const line = oneLine(text, width)
      expect([...line].length).toBeLessThanOrEqual(width)
      expect(line).not.toMatch(/[\n\r\u001b]/)
    }),
  )
})
