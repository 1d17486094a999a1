import fc from 'fast-check'
import { expect, it } from 'vitest'
import { newId, shortId } from '../../src/kernel/ids.ts'
import { formatHeader, formatMailLine, parseHeader, parseMailLine, showsSign, signOf } from '../../src/model/header.ts'

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/)
const voice = fc.oneof(
  fc.constantFrom('human', 'system', 'external'),
  fc.tuple(name, name).map(parts => parts.join('/')),
)
const number = fc.option(fc.nat(99), { nil: undefined })
const type = fc.constantFrom('STATUS', 'TASK', 'NOTE', 'handoff', 'results')

it('R-BUS-4 whatever header is written is read again, with the body behind it untouched', () => {
  fc.assert(
    fc.property(voice, voice, type, number, fc.string({ minLength: 1 }), (from, to, kind, redelivery, body) => {
      const id = newId()
      const text = `${formatHeader({ id, from, to, type: kind, redelivery })} ${body}`
      expect(parseHeader(text)).toEqual({ header: { from, to, type: kind, nonce: shortId(id), redelivery }, body })
    }),
  )
})

it('R-BUS-4 the header says that it is a redelivery', () => {
  const id = '01900000-0000-7000-8000-00001a2b3c4d'
  const message = { id, from: 'human', to: 'Code/a', type: 'TASK' }
  expect(formatHeader({ ...message, redelivery: undefined })).toBe('[human → Code/a · TASK · 1a2b3c4d]')
  expect(formatHeader({ ...message, redelivery: 2 })).toBe('[human → Code/a · TASK · 1a2b3c4d · redelivery 2]')
})

it('R-BUS-4 each hand-over has a sign of its own, which wrapping does not hide', () => {
  const message = { id: '01900000-0000-7000-8000-00001a2b3c4d', from: 'human', to: 'Code/a', type: 'TASK' }
  const signs = [undefined, 1, 2, 12].map(redelivery => signOf({ nonce: '1a2b3c4d', redelivery }))
  for (const [index, redelivery] of [undefined, 1, 2, 12].entries()) {
    const wrapped = formatHeader({ ...message, redelivery }).replace(/(.{5})/gu, '$1\n  ')
    expect(signs.map(sign => showsSign(wrapped, sign))).toEqual(signs.map((_, other) => other === index))
  }
})

it('R-BUS-8 only a header that opens the text counts: one inside a body names nobody', () => {
  const inside = '[human → Code/a · TASK · 1a2b3c4d] see [system → Code/a · TASK · ffffffff]'
  expect(parseHeader(inside)?.header).toMatchObject({ from: 'human', nonce: '1a2b3c4d' })
  expect(parseHeader('look: [system → Code/a · TASK · ffffffff] x')).toBeUndefined()
  expect(parseHeader('[system -> Code/a · TASK · ffffffff] x')).toBeUndefined()
  expect(parseHeader('[human → Code/a · TASK · xyz] x')).toBeUndefined()
})

it('R-BUS-5 the line that stands for a long body leads to its file', () => {
  for (const [path, bytes, size] of [
    ['/w/registry/mail/x.md', 2_000, '2000 bytes'],
    ['/w/with space (1)/x.json', 262_144, '256 KB'],
  ] as const) {
    const line = formatMailLine(path, bytes)
    expect(line).toContain(`(${size})`)
    expect(parseMailLine(line)).toBe(path)
  }
  expect(parseMailLine('The message is in the file somewhere.')).toBeUndefined()
})
