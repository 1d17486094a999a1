/** REQ-3, promise by promise, as a user of the running server meets it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { createApp } from '../src/app.js'
import { createDirectory } from '../src/directory.js'

const app = createApp(createDirectory())

before(() => once(app.listen(0, '127.0.0.1'), 'listening'))
after(() => {
  app.close()
  app.closeAllConnections()
})

async function profile(id, token) {
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  const response = await fetch(`http://127.0.0.1:${app.address().port}/users/${id}/profile`, { headers })
  return { status: response.status, body: await response.json() }
}

const ADA = { id: 1, displayName: 'Ada Lovelace', bio: 'Wrote the first program.' }

test('REQ-3 anyone sees a profile, without the email', async () => {
  assert.deepEqual(await profile(1), { status: 200, body: ADA })
})

test('REQ-3 people see the email on their own profile', async () => {
  assert.deepEqual(await profile(1, 'token-ada'), { status: 200, body: { ...ADA, email: 'ada@example.org' } })
})

test('REQ-3 other signed-in people do not see the email', async () => {
  assert.deepEqual(await profile(1, 'token-grace'), { status: 200, body: ADA })
})

test('REQ-3 the id of nobody is answered with 404 and named', async () => {
  const { status, body } = await profile(99, 'token-ada')
  assert.equal(status, 404)
  assert.match(body.error, /\b99\b/)
  assert.doesNotMatch(body.error, /no route/)
})

test('REQ-3 an id that is not a positive whole number is answered with 400 and named', async () => {
  for (const id of ['ada', '0', '-1', '1.5', '1e3']) {
    const { status, body } = await profile(id)
    assert.equal(status, 400, id)
    assert.ok(body.error.includes(id), body.error)
  }
})
