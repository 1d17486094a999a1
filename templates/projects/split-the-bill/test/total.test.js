import assert from 'node:assert/strict'
import { test } from 'node:test'
import { total } from '../src/total.js'

test('REQ-1 adds up', () => {
  assert.equal(total([250, 499, 1]), 750)
  assert.equal(total([]), 0)
})
