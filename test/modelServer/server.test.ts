import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import type { ModelServer } from '../../src/modelServer/server.ts'
import { ask, json, messages, open, post } from './client.ts'

const SLOW = { timeoutMs: 10_000, everyMs: 20 }

function outcome(server: ModelServer) {
  return server.received.requests.at(-1)?.outcome
}

describe('the model server', () => {
  it('R-WFL-5 cuts the connection after the words before it, and gives the retry the step behind', async () => {
    await using server = await open('rules: [{ match: x, do: [{ say: half }, { cut: true }, { say: whole }] }]')
    for (const stream of [true, false]) {
      const response = await post(server, '/v1/messages', { ...messages('x'), stream })
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toThrow()
      expect(outcome(server)).toBe('cut')
      expect((await ask(server, '/v1/messages', messages('x'))).content[0].text).toBe('whole')
    }
  })

  it('R-WFL-5 lets words arrive before it cuts', async () => {
    await using server = await open('rules: [{ do: [{ say: half }, { cut: true }] }]')
    const response = await post(server, '/v1/messages', { ...messages('x'), stream: true })
    const { value } = await response.body!.getReader().read()
    expect(new TextDecoder().decode(value)).toContain('message_start')
  })

  it('R-WFL-5 is slow with bits of text, and sees when the program hangs up', async () => {
    await using server = await open(
      'rules: [{ match: long, do: [{ wait: 600 }] }, { do: [{ wait: 0.05 }, { say: end }] }]',
    )
    const answer = await ask(server, '/v1/messages', messages('short'))
    expect(answer.content[0].text).toBe('Working\n\nend')
    const hangUp = new AbortController()
    const response = await post(
      server,
      '/v1/messages',
      { ...messages('long'), stream: true },
      { signal: hangUp.signal },
    )
    const reader = response.body!.getReader()
    const text = new TextDecoder()
    let seen = ''
    while (!seen.includes('Working')) seen += text.decode((await reader.read()).value)
    hangUp.abort()
    expect(await until(() => outcome(server) === 'interrupted', SLOW)).toBe(true)
  })

  it('R-WFL-5 keeps its controls shut unless they are asked for', async () => {
    await using shut = await open()
    for (const asked of [post(shut, '/_script', {}), fetch(`${shut.url}/_received`)]) {
      const response = await asked
      expect([response.status, (await json(response)).error.hint]).toEqual([403, 'start the server with --control'])
    }
    await using server = await open('rules: [{ do: [{ say: one }] }]', { hasControl: true })
    const script = (text: string) => fetch(`${server.url}/_script`, { method: 'POST', body: text })
    expect(await json(await script('rules: [{ do: [{ say: two }] }]'))).toEqual({ rules: 1 })
    expect((await ask(server, '/v1/messages', messages('x'))).content[0].text).toBe('two')
    const bad = await script('rules: [{ do: 3 }]')
    expect([bad.status, (await json(bad)).error.message]).toEqual([422, expect.stringContaining('script:1:15')])
    expect((await ask(server, '/v1/messages', messages('x'))).content[0].text).toBe('two')
    expect((await json(await fetch(`${server.url}/_received`))).requests).toHaveLength(2)
    expect((await json(await fetch(`${server.url}/_health`))).ok).toBe(true)
  })

  it('R-ALL-4 answers no page in a browser, by its own name or another', async () => {
    await using server = await open()
    const ours = await fetch(`${server.url}/_health`, { headers: { origin: 'https://example.com' } })
    expect(ours.status).toBe(403)
    const status = await new Promise(resolve => {
      const asked = request({ port: server.port, host: '127.0.0.1', path: '/_health', headers: { host: 'evil.test' } })
      asked.on('response', response => resolve(response.resume().statusCode)).end()
    })
    expect(status).toBe(403)
  })

  it('R-ALL-3 says what is wrong with a request, and notes what it does not know', async () => {
    const unknown: unknown[] = []
    await using server = await open('', { onRecord: record => record.kind === 'unknown' && unknown.push(record) })
    const nothing = await post(server, '/v1/embeddings', {})
    expect([nothing.status, (await json(nothing)).error.code]).toEqual([404, 'NOT_FOUND'])
    expect(unknown).toMatchObject([{ method: 'POST', path: '/v1/embeddings' }])
    expect((await post(server, '/v1/messages', { messages: 3 })).status).toBe(400)
    expect((await fetch(`${server.url}/v1/messages`, { method: 'POST', body: '{' })).status).toBe(400)
  })

  it('R-ALL-3 says when its port is taken', async () => {
    await using server = await open()
    await expect(open('', { port: server.port })).rejects.toMatchObject({ code: 'ENVIRONMENT', exitCode: 8 })
  })
})
