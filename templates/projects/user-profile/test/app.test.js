import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { createApp } from '../src/app.js'
import { createDirectory } from '../src/directory.js'

const app = createApp(createDirectory())
let origin

before(async () => {
  await once(app.listen(0, '127.0.0.1'), 'listening')
  origin = `http://127.0.0.1:${app.address().port}`
})
after(() => {
  app.close()
  app.closeAllConnections()
})

test('answers in JSON, whatever the query', async () => {
  const response = await fetch(`${origin}/users?sort=none`)
  assert.equal(response.headers.get('content-type'), 'application/json')
  assert.equal((await response.json()).length, 3)
})

test('takes the person from the Authorization header', async () => {
  const response = await fetch(`${origin}/me`, { headers: { authorization: 'Bearer token-alan' } })
  assert.equal((await response.json()).displayName, 'Alan Turing')
})

test('answers 404 for an unknown path or method', async () => {
  for (const [path, method] of [
    ['/nowhere', 'GET'],
    ['/users', 'POST'],
  ]) {
    const response = await fetch(`${origin}${path}`, { method })
    assert.equal(response.status, 404)
    assert.deepEqual(await response.json(), { error: `no route for ${method} ${path}` })
  }
})
