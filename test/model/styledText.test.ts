import fc from 'fast-check'
import { expect, it } from 'vitest'
import { styledRows } from '../../src/model/styledText.ts'
import { isReadable } from '../../src/model/terminalColor.ts'

const row = (line: string) => styledRows([line])[0]

it('R-APR-5 an agent’s screen keeps its colors and weight, on to the next row too', () => {
  expect(row('a \u001b[1;31mred\u001b[0m b  ')).toEqual([
    { text: 'a ' },
    { text: 'red', weight: '1', color: '31' },
    { text: ' b' },
  ])
  expect(row('\u001b[38;5;208mx\u001b[48;2;10;20;200my\u001b[39;49mz')).toEqual([
    { text: 'x', color: '38;5;208' },
    { text: 'y', color: '38;5;208;48;2;10;20;200' },
    { text: 'z' },
  ])
  expect(row('\u001b[93;44;4:3;58;5;9;7mw\u001b[24;27;22mv')).toEqual([
    { text: 'w', weight: '4;7', color: '93;44' },
    { text: 'v', color: '93;44' },
  ])
  expect(styledRows(['\u001b[32mone', 'two\u001b[m', 'three'])).toEqual([
    [{ text: 'one', color: '32' }],
    [{ text: 'two', color: '32' }],
    [{ text: 'three' }],
  ])
  expect(row('\u001b(B\u000elqk\u000f lqk')).toEqual([{ text: '┌─┐' }, { text: ' lqk' }])
})

it('R-APR-5 nothing of it moves the cursor, hides, blinks or sets anything', () => {
  const hostile = [
    '\u001b[2J\u001b[1;1H\u001b[?1049l\u001b[8mhid\u001b[5mden\u001b]0;title\u0007\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\',
    '\u001bPq#0\u001b\\\u001b[6n\u001bc\u001b7\u001b#8end\u001b]52;c;AAAA',
  ]
  expect(styledRows(hostile)).toEqual([[{ text: 'hid' }, { text: 'den' }, { text: 'link' }], [{ text: 'end' }]])
  // Text in the color of what is behind it, and in one that may be that of the terminal.
  for (const codes of [
    '30;40',
    '38;5;16;48;5;16',
    '38;2;9;9;9;48;2;12;9;9',
    '30',
    '97',
    '38;5;231',
    '40',
    '107',
    '7;30',
  ])
    expect(row(`\u001b[${codes}mx`)).toEqual([codes === '7;30' ? { text: 'x', weight: '7' } : { text: 'x' }])
  expect([isReadable(7, undefined), isReadable(0, 2), isReadable(undefined, 4)]).toEqual([true, true, true])
})

it('R-APR-5 whatever a program prints, only text and numbers of looks come out', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '\u001b[',
      '\u001b]',
      '38;5;',
      '48;2;',
      'm',
      '\u000e',
      '\u001b\\',
      ';',
      ':',
      '8',
      '30',
      '4:0',
      '\u009b',
    ),
  )
  fc.assert(
    fc.property(
      fc.array(
        fc.array(piece).map(pieces => pieces.join('')),
        { maxLength: 4 },
      ),
      lines => {
        const rows = styledRows(lines)
        expect(rows).toHaveLength(lines.length)
        for (const { text, weight = '', color = '' } of rows.flat()) {
          expect(text).not.toMatch(/[\u001b\u000e\u000f]/)
          expect(weight).toMatch(/^(?:[123479](?:;|$))*$/)
          expect(color).toMatch(/^(?:(?:[349][0-7]|10[0-7]|[34]8;5;\d{1,3}|[34]8;2;\d{1,3};\d{1,3};\d{1,3})(?:;|$))*$/)
        }
      },
    ),
    { numRuns: 150 },
  )
})
