/** Answers in place of outside services, as the files of the repository say; what they do not say is refused loudly. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { sleep } from '../../kernel/abort.ts'
import { findMock, type MockRoute, mockBody } from '../../model/mocks.ts'

const LONGEST_DELAY_S = 600

export function mockServer(routes: readonly MockRoute[], tell: (line: string) => void): Server {
  return createServer((request, response) => {
    // Its body is of no interest, and has to be read for the answer to be heard.
    request.resume()
    answer(routes, request)
      .then(({ status, headers, text, note }) => {
        tell(`${new Date().toISOString().slice(11, 23)} ${request.method} ${request.url} → ${status}${note}`)
        response.writeHead(status, headers)
        response.end(request.method === 'HEAD' ? '' : text)
      })
      .catch(error => {
        tell(`${request.method} ${request.url} ✖ ${String(error)}`)
        response.destroy()
      })
  })
}

async function answer(routes: readonly MockRoute[], { method = 'GET', url = '/' }: IncomingMessage) {
  const path = url.split('?')[0]!
  const found = findMock(routes, method, path)
  if (!found) {
    const text = JSON.stringify({ error: `no mock answers ${method} ${path}` })
    return { status: 501, headers: { 'content-type': 'application/json' }, text, note: '   no mock answers this' }
  }
  const { route } = found
  if (route.delay > 0) await sleep(Math.min(route.delay, LONGEST_DELAY_S) * 1000)
  const { text, type } = mockBody(found)
  return { status: route.status, headers: { 'content-type': type, ...route.headers }, text, note: '' }
}
