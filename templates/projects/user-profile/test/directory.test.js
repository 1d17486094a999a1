import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDirectory } from '../src/directory.js'

const directory = createDirectory()

test('a token speaks for one person', () => {
  assert.equal(directory.signedIn('Bearer token-ada').displayName, 'Ada Lovelace')
})

test('a missing, unknown or malformed token speaks for nobody', () => {
  for (const header of [undefined, '', 'Bearer token-nobody', 'Bearer', 'Basic token-ada']) {
    assert.equal(directory.signedIn(header), undefined, String(header))
  }
})

test('nobody has an unknown id', () => {
  assert.equal(directory.find(99), undefined)
})
