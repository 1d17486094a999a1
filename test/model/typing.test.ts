import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evidenceOfSubmit, findAgain, type Look, mayEnter, mayType, type Typed } from '../../src/model/typing.ts'

const typed: Typed = { sign: '1a2b3c4d]', text: '[human → Duo/a · TASK · 1a2b3c4d] mend the häus, 木 and 🦊 too' }
const words = fc.stringMatching(/^[a-z0-9 .,!?äß]{1,30}$/).filter(text => text.trim() !== '')
const state = fc.constantFrom('starting', 'ready', 'busy', 'waiting', 'limited', 'unknown', 'dead' as const)
/** What may stand in a composer: nothing, ours, a person's words, or both. */
const composer = fc.oneof(
  fc.constant(undefined),
  fc.constant(''),
  fc.constant(typed.text),
  words,
  words.map(text => typed.text + text),
  words.map(text => text + typed.text),
)
const look: fc.Arbitrary<Look> = fc.record({
  isSameProcess: fc.boolean(),
  inMode: fc.boolean(),
  isPersonTyping: fc.boolean(),
  state,
  rule: fc.constant('a rule'),
  composer,
  isChip: fc.constant(false),
  showsQueued: fc.boolean(),
  text: fc.oneof(fc.constant(''), fc.constant(typed.text), words),
}) as fc.Arbitrary<Look>
const ready: Look = {
  isSameProcess: true,
  inMode: false,
  isPersonTyping: false,
  state: 'ready',
  rule: 'composer',
  composer: '',
  isChip: false,
  showsQueued: false,
  text: '',
}
const sameInstance = { isSameInstance: true }

function forAll(check: (seen: Look) => void): void {
  fc.assert(fc.property(look, check), { numRuns: 500 })
}

describe('invariants of typing', () => {
  it('10 text is typed only into an empty composer of a living program at its prompt, in no mode of tmux', () => {
    expect(mayType(ready)).toEqual({ go: true })
    forAll(seen => {
      if (!mayType(seen).go) return
      const free = { isSameProcess: true, inMode: false, isPersonTyping: false }
      expect(seen).toMatchObject({ ...free, state: 'ready', composer: '' })
    })
  })

  it('10 a program at work is typed into only where it queues that, and its sender wants it', () => {
    const busy: Look = { ...ready, state: 'busy' }
    expect(mayType(busy)).toMatchObject({ go: false })
    expect(mayType(busy, true)).toEqual({ go: true })
    expect(mayType({ ...busy, state: 'waiting' }, true)).toMatchObject({ go: false })
    expect(mayType({ ...busy, composer: 'a draft' }, true)).toMatchObject({ go: false })
  })

  it('11 every refusal to type says why', () => {
    forAll(seen => {
      const verdict = mayType(seen)
      if (!verdict.go) expect(verdict.reason).not.toBe('')
    })
  })

  it('12 Enter is pressed only when the composer holds our text and nothing of a person’s, and no dialog is open', () => {
    expect(mayEnter({ ...ready, composer: typed.text }, typed, false)).toBe('enter')
    fc.assert(
      fc.property(look, fc.boolean(), (seen, isLastLook) => {
        if (mayEnter(seen, typed, isLastLook) !== 'enter') return
        expect(seen.state).not.toBe('waiting')
        expect(seen).toMatchObject({ isSameProcess: true, inMode: false, isPersonTyping: false })
        expect(typed.text.replace(/[^a-zäß0-9]/g, '')).toContain(seen.composer!.replace(/[^a-zäß0-9]/g, ''))
      }),
      { numRuns: 500 },
    )
  })

  it('12 a person’s words beside ours are never submitted, before or behind, now or after a crash', () => {
    fc.assert(
      fc.property(words, fc.boolean(), fc.boolean(), (theirs, isBefore, isLastLook) => {
        const both = isBefore ? `${theirs}${typed.text}` : `${typed.text}${theirs}`
        fc.pre(!typed.text.includes(theirs.trim()) && /[a-z0-9]/.test(theirs))
        const seen = { ...ready, composer: both, text: both }
        expect(mayEnter(seen, typed, isLastLook)).toBe(isLastLook ? 'stop' : 'look-again')
        expect(findAgain(seen, typed, sameInstance)).toBe('wait')
      }),
    )
  })

  it('12 our text is known again when it is wrapped, scrolled, drawn without its emoji, or shown as a chip', () => {
    const wrapped = typed.text.replace(/(.{9})/gu, '$1\n  ')
    expect(mayEnter({ ...ready, composer: wrapped }, typed, false)).toBe('enter')
    expect(mayEnter({ ...ready, composer: typed.text.replace('🦊', '') }, typed, false)).toBe('enter')
    expect(mayEnter({ ...ready, composer: 'mend the häus, 木' }, typed, true)).toBe('enter')
    expect(mayEnter({ ...ready, composer: '[Pasted text #1 +9 lines]', isChip: true }, typed, true)).toBe('enter')
    expect(mayEnter({ ...ready, composer: '[Pasted text #1 +9 lines]' }, typed, true)).toBe('stop')
  })

  it('13 a screen is evidence of a submit only while the program lives and its composer is empty', () => {
    expect(evidenceOfSubmit({ ...ready, text: typed.text }, typed.sign)).toBeDefined()
    forAll(seen => {
      if (evidenceOfSubmit(seen, typed.sign)) expect(seen).toMatchObject({ isSameProcess: true, composer: '' })
    })
  })

  it('14 it goes again only to another start of the program, or when a ready program shows it nowhere', () => {
    forAll(seen => {
      if (findAgain(seen, typed, sameInstance) !== 'again') return
      expect(seen).toMatchObject({ isSameProcess: true, inMode: false, state: 'ready', composer: '' })
      expect(seen.text).not.toContain(typed.sign)
    })
    forAll(seen => {
      expect(findAgain(seen, typed, { isSameInstance: false })).toBe('again')
    })
  })

  it('15 a terminal that cannot be asked, or a composer that cannot be seen, decides nothing', () => {
    expect(findAgain(undefined, typed, sameInstance)).toBe('wait')
    forAll(seen => {
      if (seen.isSameProcess && seen.composer === undefined) expect(findAgain(seen, typed, sameInstance)).toBe('wait')
    })
  })

  it('16 after a crash Enter is pressed only on our own unsent text, and no dialog is approved by it', () => {
    expect(findAgain({ ...ready, composer: 'a draft' }, typed, sameInstance)).toBe('wait')
    expect(findAgain({ ...ready, composer: '[Pasted text #1 +9 lines]', isChip: true }, typed, sameInstance)).toBe(
      'unknown',
    )
    expect(findAgain({ ...ready, composer: typed.text }, typed, sameInstance)).toBe('press-enter')
    forAll(seen => {
      if (findAgain(seen, typed, sameInstance) !== 'press-enter') return
      expect(seen).toMatchObject({ isSameProcess: true, inMode: false, isPersonTyping: false, state: 'ready' })
      expect(seen.composer).toContain(typed.sign)
    })
  })

  it('16 an earlier hand-over on the screen says nothing about the present one', () => {
    const again: Typed = { sign: '1a2b3c4d·redelivery2]', text: typed.text.replace('4d]', '4d · redelivery 2]') }
    expect(findAgain({ ...ready, text: typed.text }, again, sameInstance)).toBe('again')
    expect(findAgain({ ...ready, text: `${typed.text}\n${again.text}` }, again, sameInstance)).toBe('confirmed')
    expect(findAgain({ ...ready, text: again.text }, typed, sameInstance)).toBe('again')
    expect(evidenceOfSubmit({ ...ready, text: typed.text }, again.sign)).toBeUndefined()
  })
})
