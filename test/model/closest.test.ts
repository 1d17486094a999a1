import { expect, it } from 'vitest'
import { closest, distance } from '../../src/model/closest.ts'

it('R-ALL-3 a mistyped word is held against those there are: letters changed, left out, added, or the other way round', () => {
  const verbs = ['start', 'status', 'send', 'sandbox', 'approvals']
  expect(closest('stauts', verbs)).toBe('status')
  expect(closest('strat', verbs)).toBe('start')
  expect(closest('snd', verbs)).toBe('send')
  expect(closest('approve', verbs)).toBe('approvals')
  expect(closest('box', verbs)).toBe('sandbox')
  expect(closest('frobnicate', verbs)).toBe(undefined)
  expect([distance('', 'abc'), distance('ab', 'ba'), distance('abcd', 'badc'), distance('abc', 'abc')]).toEqual([
    3, 1, 2, 0,
  ])
})
