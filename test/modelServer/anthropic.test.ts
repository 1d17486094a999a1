import { describe, expect, it } from 'vitest'
import { ask, assistant, events, json, messages, open, post, result } from './client.ts'

const PATH = '/v1/messages?beta=true'
const names = (list: readonly { name: string | undefined }[]) => list.map(event => event.name)

describe('Anthropic Messages', () => {
  it('R-WFL-5 streams words in the order of events that the provider has', async () => {
    await using server = await open(
      'rules: [{ match: "^hi (.*)", do: [{ say: "hello {1}, and a good day to all of you" }] }]',
    )
    const stream = await events(server, PATH, { ...messages('hi Ünï 👋🏽'), stream: true })
    const words = stream.filter(event => event.name === 'content_block_delta')
    expect(names(stream)).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      ...words.map(() => 'content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(words.map(event => event.data.delta.text).join('')).toBe('hello Ünï 👋🏽, and a good day to all of you')
    expect(words.length).toBeGreaterThan(1)
    expect(stream[0]?.data.message).toMatchObject({ role: 'assistant', model: 'claude-test', content: [] })
    expect(stream.at(-2)?.data.delta.stop_reason).toBe('end_turn')
    for (const event of stream) expect(event.data.type).toBe(event.name)
  })

  it('R-WFL-5 runs a command in the shell tool and goes on with its result', async () => {
    await using server = await open('rules: [{ match: "go", do: [{ say: first }, { run: "ls -l" }, { say: then }] }]')
    const stream = await events(server, PATH, { ...messages('go'), stream: true })
    const [text, call] = stream.filter(event => event.name === 'content_block_start').map(event => event.data)
    expect([text.index, text.content_block.type]).toEqual([0, 'text'])
    expect([call.index, call.content_block]).toEqual([
      1,
      { type: 'tool_use', id: expect.any(String), name: 'Bash', input: {} },
    ])
    const json = stream.find(event => event.data.delta?.type === 'input_json_delta')
    expect(JSON.parse(json?.data.delta.partial_json)).toEqual({ command: 'ls -l' })
    expect(stream.at(-2)?.data.delta.stop_reason).toBe('tool_use')

    const { id } = call.content_block
    const used = assistant([{ type: 'tool_use', id, name: 'Bash', input: { command: 'ls -l' } }])
    const answer = await ask(server, PATH, messages('go', used, result(id, [{ type: 'text', text: 'total 0\n' }])))
    expect([answer.content, answer.stop_reason]).toEqual([[{ type: 'text', text: 'then' }], 'end_turn'])
    expect(server.received.requests.at(-1)).toMatchObject({ texts: [], results: [{ callId: id, text: 'total 0\n' }] })
  })

  it('R-WFL-5 answers whole when no stream is wanted', async () => {
    await using server = await open('rules: [{ do: [{ say: a }, { say: b }, { run: ls }] }]')
    const answer = await ask(server, PATH, messages('hello'))
    expect(answer.content).toEqual([
      { type: 'text', text: 'a\n\nb' },
      { type: 'tool_use', id: expect.any(String), name: 'Bash', input: { command: 'ls' } },
    ])
    expect(answer).toMatchObject({ type: 'message', stop_reason: 'tool_use', usage: { input_tokens: 1000 } })
    expect(await ask(server, '/v1/messages/count_tokens', {})).toEqual({ input_tokens: 1000 })
  })

  it('R-WFL-5 says so where a program offers no shell', async () => {
    await using server = await open('rules: [{ do: [{ run: ls }, { say: on }] }]')
    const answer = await ask(server, PATH, { model: 'm', messages: [{ role: 'user', content: 'x' }] })
    expect(answer.content[0].text).toBe('There is no shell tool to run ls\n\non')
  })

  it('R-WFL-5 refuses as the provider does: overloaded, key, and a usage limit with the time of its end', async () => {
    const script = `rules:
  - { match: over, do: [{ fail: { status: 529, retryAfter: 2 } }] }
  - { match: key, do: [{ fail: 401 }] }
  - { match: limit, do: [{ fail: { status: 429, resetAt: "2100-01-31T15:00:00Z" } }] }`
    await using server = await open(script)
    const over = await post(server, PATH, { ...messages('over'), stream: true })
    expect([over.status, over.headers.get('retry-after')]).toEqual([529, '2'])
    expect(await json(over)).toEqual({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
    const key = await post(server, PATH, messages('key'))
    expect([key.status, key.headers.get('x-should-retry')]).toEqual([401, 'false'])
    const limit = await post(server, PATH, messages('limit'))
    expect(limit.status).toBe(429)
    expect(limit.headers.get('anthropic-ratelimit-unified-status')).toBe('rejected')
    expect(limit.headers.get('anthropic-ratelimit-unified-reset')).toBe(String(Date.UTC(2100, 0, 31, 15) / 1000))
    expect((await json(limit)).error.message).toBe('You have hit your usage limit. It resets at 2100-01-31T15:00:00Z.')
  })

  it('R-WFL-5 fails in the middle of a stream where words have left before', async () => {
    await using server = await open('rules: [{ do: [{ say: half }, { fail: 529 }] }]')
    const stream = await events(server, PATH, { ...messages('x'), stream: true })
    expect(stream.at(-1)).toEqual({
      name: 'error',
      data: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    })
  })
})
