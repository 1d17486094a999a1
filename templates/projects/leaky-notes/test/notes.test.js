import assert from 'node:assert/strict'
import { test } from 'node:test'
import { note } from '../src/notes.js'

test('a note has a title and a body', () => {
  assert.deepEqual(note({ title: 'Milk' }), { title: 'Milk', body: '' })
})

test('a note without a title is refused', () => {
  assert.throws(() => note({}), /needs a title/)
})
