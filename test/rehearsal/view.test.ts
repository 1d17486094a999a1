import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { widthOf, wrap } from '../../src/model/width.ts'
import { composerOf } from '../../src/rehearsal/composer.ts'
import { initialState, type State } from '../../src/rehearsal/state.ts'
import { view } from '../../src/rehearsal/view.ts'

const base = initialState({ name: 'js-agent', pasteWindowMs: 100 })
const dialog = { id: 1, kind: 'permission', question: 'Shall I?', selected: 'no' } as const

function block(state: Partial<State>, columns = 80, rows = 24): string[] {
  const frame = view({ ...base, ...state }, { columns, rows }, 3500)
  return frame.block.map(row =>
    row
      .map(span => span.text)
      .join('')
      .trimEnd(),
  )
}

describe('the view', () => {
  it('shows busy, queue, composer and footer', () => {
    const state = { turn: { id: 1, since: 0 }, queue: ['first\nthing', 'x'], composer: composerOf('two\nlines') }
    const rule = '─'.repeat(80)
    expect(block(state)).toEqual([
      ...['✻ Working… (3s · esc to interrupt)', '⧗ queued: first thing', '⧗ queued: x', rule],
      ...['❯ two', '  lines', rule, 'js-agent · busy'],
    ])
  })

  it('shows the dialog in place of the composer, without a cursor', () => {
    expect(block({ dialogs: [dialog] }).slice(1, -2)).toEqual([
      ...['Do you want to proceed?', '  Shall I?', '  1. Yes', '❯ 2. No', 'Enter to confirm · Esc to cancel'],
    ])
    expect(view({ ...base, dialogs: [dialog] }, { columns: 80, rows: 24 }, 0).cursor).toBeUndefined()
  })

  it('shows the nonce of a queued message on a wide screen', () => {
    const queue = ['[CodeAgency/code-coordinator → CodeAgency/js-agent · QUESTION · 2a2b3c4d] are you well?']
    expect(block({ turn: { id: 1, since: 0 }, queue }, 100).join('\n')).toContain('2a2b3c4d')
  })

  it('breaks the composer between words, and moves the cursor along', () => {
    const composer = composerOf('aaaa bbbb cccc')
    expect(block({ composer }, 12).slice(1, -2)).toEqual(['❯ aaaa bbbb', '  cccc'])
    expect(view({ ...base, composer }, { columns: 12, rows: 10 }, 0).cursor).toEqual({ row: 2, column: 6 })
  })

  it('puts the cursor on a new row when the last one is full', () => {
    const composer = composerOf('aaaaaaaaaa')
    expect(view({ ...base, composer }, { columns: 12, rows: 10 }, 0).cursor).toEqual({ row: 2, column: 2 })
  })

  it('fits every screen, whatever it has to show', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 })
    const state = fc.record({
      composer: text.map(composerOf),
      queue: fc.array(text, { maxLength: 8 }),
      turn: fc.constantFrom(undefined, { id: 1, since: 0 }),
      dialogs: text.chain(question => fc.constantFrom([], [{ ...dialog, question }])),
      history: fc.array(
        text.map(text => ({ kind: 'agent' as const, text })),
        { maxLength: 3 },
      ),
    })
    const size = fc.record({ columns: fc.integer({ min: 8, max: 220 }), rows: fc.integer({ min: 5, max: 60 }) })
    fc.assert(
      fc.property(state, size, (state, size) => {
        const frame = view({ ...base, ...state }, size, 0)
        expect(frame.block.length).toBeLessThanOrEqual(size.rows)
        for (const row of [...frame.block, ...frame.history])
          expect(widthOf(row.map(span => span.text).join(''))).toBeLessThanOrEqual(size.columns)
        if (!frame.cursor) return
        expect(frame.cursor.row).toBeLessThan(frame.block.length)
        expect(frame.cursor.column).toBeLessThan(size.columns)
      }),
    )
  })

  it('wraps without losing anything but spaces', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 2, max: 30 }), (text, columns) => {
        const flat = (value: string) => value.replace(/\s/g, '')
        expect(flat(wrap(text, columns).join(''))).toBe(flat(text))
      }),
    )
  })
})
