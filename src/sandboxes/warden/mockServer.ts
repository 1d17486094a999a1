/** Answers in place of outside services, as the files of the repository say; what they do not say is refused loudly. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { sleep } from '../../kernel/abort.ts'
import { findMock, type MockRoute, mockBody } from '../../model/mocks.ts'
import type { OpenApiDocument } from '../../model/openApi.ts'
import { answerByDocument } from './apiAnswer.ts'

const LONGEST_DELAY_S = 600

export interface Mocked {
  readonly routes: readonly MockRoute[]
  /** Asked where no route answers. */
  readonly documents: readonly OpenApiDocument[]
}

export function mockServer(mocked: Mocked, tell: (line: string) => void): Server {
  return createServer((request, response) => {
    // Its body is of no interest, and has to be read for the answer to be heard.
    request.resume()
    answer(mocked, request)
      .then(({ status, headers, text, note }) => {
        tell(`${new Date().toISOString().slice(11, 23)} ${request.method} ${request.url} → ${status}${note}`)
        response.writeHead(status, headers)
        response.end(request.method === 'HEAD' ? '' : text)
      })
      .catch(error => {
        tell(`${request.method} ${request.url} ✖ ${String(error)}`)
        response.writeHead(500, { 'content-type': 'text/plain' }).end(`this mock cannot be made: ${String(error)}\n`)
      })
  })
}

async function answer({ routes, documents }: Mocked, { method = 'GET', url = '/' }: IncomingMessage) {
  const path = url.split('?')[0]!
  const found = findMock(routes, method, path)
  const described = found ? undefined : await answerByDocument(documents, method, path)
  if (described) {
    const { type, ...rest } = described
    return { ...rest, headers: type === '' ? {} : { 'content-type': type } }
  }
  if (!found) {
    const text = JSON.stringify({ error: `no mock answers ${method} ${path}` })
    return { status: 501, headers: { 'content-type': 'application/json' }, text, note: '   no mock answers this' }
  }
  const { route } = found
  if (route.delay > 0) await sleep(Math.min(route.delay, LONGEST_DELAY_S) * 1000)
  const { text, type } = mockBody(found)
  return { status: route.status, headers: { 'content-type': type, ...route.headers }, text, note: '' }
}
