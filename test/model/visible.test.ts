import fc from 'fast-check'
import { expect, it } from 'vitest'
import { visible, withoutEmojiDetail } from '../../src/model/visible.ts'

it('R-ALL-4 what hides, turns letters around or stacks is shown to be there', () => {
  expect(visible('safe\u202egnp.exe')).toBe('safe\ufffdgnp.exe')
  expect(visible('a\u200bb\u2060c\ufeffd')).toBe('a\ufffdb\ufffdc\ufffdd')
  for (const hidden of [
    '\u00ad',
    '\u200c',
    '\u200d',
    '\u034f',
    '\u3164',
    '\uffa0',
    '\u2028',
    '\ufe00',
    '\u{e0101}',
    '\u{1d173}',
  ])
    expect(visible(`pay${hidden}pal`), hidden.codePointAt(0)?.toString(16)).toBe('pay\ufffdpal')
  expect(visible(`e${'\u0301'.repeat(5)}`)).toBe('e\u0301\u0301\u0301\ufffd\ufffd')
  expect(visible('\u0301x')).toBe('\ufffdx')
  expect(visible('one\n\ttwo\u001b[2J\r\nthree')).toBe('one\n\ttwo\ufffd[2J\nthree')
  // Selectors after a letter carry whatever somebody wants to hide.
  expect(visible(`a${'\ufe01\ufe0f'.repeat(2)}`)).toBe(`a${'\ufffd'.repeat(4)}`)
})

it('R-ALL-4 what writing needs stays as it is', () => {
  const needed = [
    ...['👨‍👩‍👧', '🏳️‍🌈', '👩🏽‍💻', '❤️', '1️⃣', '⚠️ ok', '🇩🇪', '日本語', 'naïve', 'é', 'ก็', 'हिन्दी'],
    ...['می‌خواهم', 'क्‍ष', '葛\u{e0100}', 'שָׁלוֹם', 'Việt', '한국어'],
  ]
  for (const text of needed) expect(visible(text), text).toBe(text)
  expect(['👨‍👩‍👧', '👩🏽‍💻', '⚠️'].map(withoutEmojiDetail)).toEqual(['👨👩👧', '👩💻', '⚠'])
})

it('R-ALL-4 what was made visible stays so', () => {
  const pieces = fc.constantFrom(
    '\u200d',
    '\u200c',
    '\ufe0f',
    '👩',
    '🏽',
    'ا',
    'क',
    '्',
    '\u0301',
    '\u202e',
    'a',
    '葛',
    '\u{e0100}',
    '\n',
  )
  fc.assert(
    fc.property(
      fc.array(pieces).map(all => all.join('')),
      text => {
        const once = visible(text)
        expect(visible(once)).toBe(once)
        expect(once).not.toMatch(/[\u200b\u202a-\u202e]/)
      },
    ),
  )
})
