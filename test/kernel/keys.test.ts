import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Key, KeyDecoder } from '../../src/kernel/keys.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const key = (name: string) => ({ kind: 'key', name })
const char = (text: string) => ({ kind: 'char', char: text })

function decode(chunks: readonly Uint8Array[]): Key[] {
  const decoder = new KeyDecoder()
  return [...chunks.flatMap(chunk => decoder.feed(chunk)), ...decoder.flush()]
}

function cut(whole: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [0, ...places.map(place => place % (whole.length + 1)).sort((a, b) => a - b), whole.length]
  return cuts.slice(1).map((end, index) => whole.subarray(cuts[index], end))
}

describe('the key decoder', () => {
  it('knows keys, arrows in both modes, and the ways to write a newline', () => {
    expect(decode([bytes('a\r\x1b[A\x1bOB\x1b\r\x1b[13;2u\n\x7f\x15\x03')])).toEqual([
      char('a'),
      ...['enter', 'up', 'down', 'newline', 'newline', 'newline', 'backspace', 'ctrl-u', 'ctrl-c'].map(key),
    ])
  })

  it('gives a paste as one key, newlines as they are meant, controls inside it untouched', () => {
    expect(decode([bytes('\x1b[200~a\r\nb\rc\x1b[A\x1b[201~')])).toEqual([{ kind: 'paste', text: 'a\nb\nc\x1b[A' }])
  })

  it('takes a lone ESC for the key only when told that nothing followed', () => {
    const decoder = new KeyDecoder()
    expect(decoder.feed(bytes('\x1b'))).toEqual([])
    expect(decoder.isUndecided).toBe(true)
    expect(decoder.flush()).toEqual([key('escape')])
  })

  it('does not decide about a paste that has not ended', () => {
    const decoder = new KeyDecoder()
    decoder.feed(bytes('\x1b[200~half'))
    expect(decoder.isUndecided).toBe(false)
    expect(decoder.flush()).toEqual([])
    expect(decoder.feed(bytes('\x1b[201~'))).toEqual([{ kind: 'paste', text: 'half' }])
  })

  it('gives the same keys however the bytes are cut', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '\x1b',
        '\x1b[A',
        '\x1b[200~',
        '\x1b[201~',
        '\x1b[13;2u',
        '\x1bO',
        '\r',
        '\n',
        'é→漢🙂',
        '\x1b[2',
      ),
    )
    const stream = fc.oneof(
      fc.array(piece).map(pieces => bytes(pieces.join(''))),
      fc.uint8Array({ maxLength: 60 }),
    )
    fc.assert(
      fc.property(stream, fc.array(fc.nat({ max: 500 }), { maxLength: 12 }), (whole, places) => {
        expect(decode(cut(whole, places))).toEqual(decode([whole]))
      }),
      { numRuns: 3000 },
    )
  })
})
