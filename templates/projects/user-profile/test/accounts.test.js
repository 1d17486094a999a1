import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listUsers, showAccount } from '../src/accounts.js'
import { createDirectory } from '../src/directory.js'

const directory = createDirectory()

test('REQ-1 lists people by id and name, in the order of their ids', () => {
  const shuffled = createDirectory({ people: [...directory.all()].reverse() })
  assert.deepEqual(listUsers({ directory: shuffled }), {
    status: 200,
    body: [
      { id: 1, displayName: 'Ada Lovelace' },
      { id: 2, displayName: 'Grace Hopper' },
      { id: 3, displayName: 'Alan Turing' },
    ],
  })
})

test('REQ-2 shows people their own account', () => {
  const { status, body } = showAccount({ viewer: directory.find(2) })
  assert.equal(status, 200)
  assert.deepEqual(body, { id: 2, displayName: 'Grace Hopper', email: 'grace@example.org' })
})

test('REQ-2 asks a stranger to sign in', () => {
  assert.equal(showAccount({}).status, 401)
})
