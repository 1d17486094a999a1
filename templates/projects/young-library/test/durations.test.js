import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format } from '../src/format.js'
import { parse } from '../src/parse.js'

test('words become seconds', () => {
  assert.equal(parse('1h 30m'), 5400)
})

test('what is no duration is refused by its name', () => {
  assert.throws(() => parse('5 minutes'), /'5' is no duration/)
})

test('seconds become words again', () => {
  for (const words of ['1h 30m', '2m 5s', '0s']) assert.equal(format(parse(words)), words)
})
