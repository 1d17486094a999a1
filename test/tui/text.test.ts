import fc from 'fast-check'
import { Box, Text } from 'ink'
import { render } from 'ink-testing-library'
import { createElement } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import { widthOf } from '../../src/model/width.ts'
import { FramePainter } from '../../src/tui/framePainter.ts'
import { hintSpans, spread } from '../../src/tui/layout.ts'
import { AT_TOP, fitScroll, type Motion, moveSelection, moveWindow } from '../../src/tui/scroll.ts'
import { Canvas } from '../../src/tui/text/canvas.ts'
import { guard, guardLines } from '../../src/tui/text/guard.ts'
import { dropColumns, paintRow, setColors, span, takeColumns } from '../../src/tui/text/spans.ts'

afterEach(() => setColors(false))

const NASTY = [
  ...['\u001b[2J', '\u001b]0;title\u0007', '\r', '\b', '\u009b31m', '\u202e', '\u2066', '\u200b', '\u200d', '\ufeff'],
  ...['\u00ad', '\u3164', '\ufe0f', '\u2028', '\u{e0041}', '\u{e0100}', '\t', '\n', '\u0301', '\ud800'],
]

describe('the guard of a screen', () => {
  it('R-APR-3 lets nothing through that moves the cursor or hides, and shows that it was there', () => {
    for (const nasty of NASTY.filter(text => text !== '\t' && text !== '\n' && text !== '\u0301')) {
      const shown = guard(`a${nasty}b`)
      expect(shown, JSON.stringify(nasty)).toMatch(/^a[\ufffd␍ ].*b$/u)
      expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f]/)
    }
    expect(guard('⚠️ ok')).toBe('⚠ ok')
    expect(guard('a\tb')).toBe('a   b')
    expect(guard('日\tb')).toBe('日  b')
    expect(guardLines('one\r\ntwo\rthree')).toEqual(['one', 'two', 'three'])
  })

  it('bounds the marks over a character, and leaves those that languages need', () => {
    expect(guard('e\u0301')).toBe('e\u0301')
    expect(guard(`e${'\u0301'.repeat(20)}`)).toBe(`e\u0301\u0301\u0301${'\ufffd'.repeat(17)}`)
    expect(guard('\u0301x')).toBe('\ufffdx')
  })

  it('gives every text the same width as ink does', () => {
    const pieces = fc.constantFrom(...NASTY, ...'aé日本🙂👩é→│✓ﷺ한ｱ', '\u1100', '‼', '☃', 'ไ', 'ि')
    // Without what newer versions of Unicode hold to be wide, and terminals not yet.
    const scripts = fc
      .integer({ min: 0x20, max: 0x1faff })
      .filter(code => code < 0x1000 || (code > 0x16000 && code < 0x1d000) || code > 0x1f300)
      .map(code => String.fromCodePoint(code))
      .filter(char => /^[^\p{Cn}\p{Cs}\p{Co}\u0e33\u0eb3\p{Mc}]$/u.test(char))
    const texts = fc.array(fc.oneof(pieces, scripts), { maxLength: 12 }).map(all => all.join(''))
    fc.assert(
      fc.property(texts, text => {
        const shown = guard(text)
        const row = `${shown}|`
        const shownIn = (width: number) => {
          const text = createElement(Text, { wrap: 'truncate' }, row)
          const { lastFrame, unmount } = render(createElement(Box, { width }, text))
          const frame = lastFrame()
          unmount()
          return frame
        }
        expect(shownIn(widthOf(row))).toBe(row)
        if (widthOf(row) > 1) expect(shownIn(widthOf(row) - 1)).toContain('…')
      }),
      { numRuns: 150 },
    )
  })
})

describe('rows of spans', () => {
  it('are exactly as wide as they are to be, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 60 }), (texts, columns) => {
        const row = paintRow(
          texts.map(text => span(guard(text))),
          columns,
        )
        expect(widthOf(row)).toBe(columns)
      }),
    )
  })

  it('say by colors what they are, and without colors by weight', () => {
    setColors(true)
    expect(paintRow([span('no', 'bad')], 3)).toBe('\u001b[31mno\u001b[0m ')
    setColors(false)
    expect(paintRow([span('no', 'bad'), span('x', 'good')], 4)).toBe('\u001b[1mno\u001b[0mx ')
    expect(paintRow([span('no', 'bad'), span('x')], 4, true)).toBe('\u001b[7mnox \u001b[0m')
    expect(paintRow([span('abcdef')], 4)).toBe('abc…')
  })

  it('are cut between characters, a wide one never in two', () => {
    expect(takeColumns('日本語', 3)).toBe('日')
    expect(dropColumns('日本語', 3)).toBe(' 語')
    expect(dropColumns('abc', 5)).toBe('')
  })

  it('leave out the keys and the standing that do not fit', () => {
    expect(spread([span('left')], [span('right')], 8)).toEqual([span('left')])
    expect(spread([span('left')], [span('right')], 10).map(({ text }) => text)).toEqual(['left', ' ', 'right'])
    const keys = [
      ['a', 'approve'],
      ['r', 'reject'],
      ['?', 'help'],
    ] as const
    const hints = (columns: number) =>
      hintSpans(keys, columns)
        .map(({ text }) => text)
        .join('')
    expect(hints(40)).toBe(' a approve  r reject  ? help')
    expect(hints(22)).toBe(' a approve  ? help')
  })
})

describe('scrolling', () => {
  it('keeps the choice in sight, and never shows less than there is', () => {
    const motion = fc.constantFrom<Motion>(
      'up',
      'down',
      'page-up',
      'page-down',
      'half-up',
      'half-down',
      'first',
      'last',
    )
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 12 }), fc.array(motion), (count, height, motions) => {
        let scroll = AT_TOP
        let top = 0
        for (const each of motions) {
          scroll = moveSelection(scroll, each, count, height)
          top = moveWindow(top, each, count, height)
          expect(scroll).toEqual(fitScroll(scroll, count, height))
          expect(scroll.selected).toBeGreaterThanOrEqual(scroll.top)
          expect(scroll.selected).toBeLessThan(scroll.top + height)
          expect(Math.max(scroll.top, top)).toBeLessThanOrEqual(Math.max(0, count - height))
        }
      }),
    )
  })
})

describe('the painter', () => {
  it('writes the rows that differ, each at its place', () => {
    const painter = new FramePainter()
    expect(painter.paint('a\nb', 3)).toContain('\u001b[2;1H\u001b[2Kb')
    expect(painter.paint('a\nb', 3)).toBe('')
    const second = painter.paint('a\nc', 3)
    expect(second).toContain('\u001b[2;1H\u001b[2Kc')
    expect(second).not.toContain('\u001b[1;1H')
    painter.forget()
    expect(painter.paint('a\nc', 3)).toContain('\u001b[1;1H\u001b[2Ka')
  })
})

it('R-APR-5 rows that go around ink never push what stands under them off the screen', () => {
  const canvas = new Canvas()
  const [title, body, foot] = [canvas.take(), canvas.take(), canvas.take()]
  canvas.paint(title, ['title'])
  canvas.paint(body, ['one ~aa', 'two', 'three', 'four'])
  canvas.paint(foot, ['foot'])
  expect(canvas.fill([title, body, '', foot].join('\n'))).toBe('title\none ~aa\ntwo\nfoot')
  expect(canvas.fill([title, body, '', '', '', '', foot].join('\n'))).toBe('title\none ~aa\ntwo\nthree\nfour\n\nfoot')
  canvas.give(body)
  expect(canvas.fill([title, '', foot].join('\n'))).toBe('title\n\nfoot')
})
