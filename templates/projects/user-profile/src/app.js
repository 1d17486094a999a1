/** The HTTP face: finds the route of a request and writes its answer as JSON. */
import { createServer } from 'node:http'
import { listUsers, showAccount } from './accounts.js'

// An answer is a function of { directory, viewer, params } to { status, body }; viewer is undefined for a stranger.
const ROUTES = [
  { method: 'GET', path: /^\/users$/, answer: listUsers },
  { method: 'GET', path: /^\/me$/, answer: showAccount },
]

export function createApp(directory) {
  return createServer((request, response) => {
    const { status, body } = answer(directory, request)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
}

function answer(directory, { method, url, headers }) {
  const [path] = url.split('?')
  for (const route of ROUTES) {
    const match = route.method === method && route.path.exec(path)
    if (match) {
      return route.answer({ directory, viewer: directory.signedIn(headers.authorization), params: match.groups ?? {} })
    }
  }
  return { status: 404, body: { error: `no route for ${method} ${path}` } }
}
