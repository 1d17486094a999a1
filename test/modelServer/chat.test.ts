import { describe, expect, it } from 'vitest'
import { ask, events, json, open, post } from './client.ts'

const PATH = '/v1/chat/completions'
const SHELL = {
  type: 'function',
  function: {
    name: 'run_shell_command',
    parameters: {
      type: 'object',
      properties: { command: { type: 'string' }, is_background: { type: 'boolean' }, description: { type: 'string' } },
      required: ['command', 'is_background', 'description'],
    },
  },
}

function body(...said: readonly unknown[]) {
  return {
    model: 'm',
    tools: [SHELL],
    messages: [
      { role: 'system', content: 'You are an agent.' },
      ...said.map(one => (typeof one === 'string' ? { role: 'user', content: one } : one)),
    ],
  }
}

describe('chat completions', () => {
  it('R-WFL-5 streams chunks: role, words, reason, usage, done', async () => {
    await using server = await open('rules: [{ do: [{ say: hello }] }]')
    const stream = await events(server, PATH, { ...body('hi'), stream: true })
    expect(stream.map(({ data }) => data.choices?.[0]?.delta ?? data.usage?.total_tokens ?? data)).toEqual([
      { role: 'assistant', content: '' },
      { content: 'hello' },
      {},
      1020,
      '[DONE]',
    ])
    expect(stream[2]?.data.choices[0].finish_reason).toBe('stop')
    expect(new Set(stream.slice(0, -1).map(({ data }) => data.id)).size).toBe(1)
  })

  it('R-WFL-5 calls the shell with all that it requires, and goes on with its result', async () => {
    await using server = await open('rules: [{ match: go, do: [{ run: ls }, { say: then }] }]')
    const stream = await events(server, PATH, { ...body('go'), stream: true })
    const calls = stream.flatMap(({ data }) => data.choices?.[0]?.delta?.tool_calls ?? [])
    expect(calls[0]).toMatchObject({
      index: 0,
      type: 'function',
      function: { name: 'run_shell_command', arguments: '' },
    })
    expect(JSON.parse(calls[1].function.arguments)).toEqual({
      command: 'ls',
      is_background: false,
      description: 'Run the scripted command',
    })
    expect(stream.at(-3)?.data.choices[0].finish_reason).toBe('tool_calls')
    const called = {
      role: 'assistant',
      content: null,
      tool_calls: [{ ...calls[0], function: { name: 'x', arguments: '{}' } }],
    }
    const answer = await ask(
      server,
      PATH,
      body('go', called, { role: 'tool', tool_call_id: calls[0].id, content: 'a\nb' }),
    )
    expect(answer.choices[0]).toMatchObject({ message: { content: 'then' }, finish_reason: 'stop' })
  })

  it('R-WFL-5 answers whole with tool calls', async () => {
    await using server = await open('rules: [{ do: [{ run: ls }] }]')
    const { choices, usage } = await ask(server, PATH, body('go'))
    expect(choices[0]).toMatchObject({ message: { content: null }, finish_reason: 'tool_calls' })
    expect(JSON.parse(choices[0].message.tool_calls[0].function.arguments).command).toBe('ls')
    expect(usage.total_tokens).toBe(1020)
  })

  it('R-WFL-5 refuses in the form of the provider, at once or in the middle', async () => {
    const script = `rules:
  - { match: busy, do: [{ fail: { status: 429, retryAfter: 3 } }] }
  - { match: limit, do: [{ fail: { status: 429, resetIn: 60 } }] }
  - { match: half, do: [{ say: half }, { fail: 529 }] }`
    await using server = await open(script)
    const busy = await post(server, PATH, body('busy'))
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '3'])
    expect((await json(busy)).error).toMatchObject({ type: 'rate_limit_error', code: 'rate_limit_exceeded' })
    const limit = await post(server, PATH, body('limit'))
    expect([limit.headers.get('retry-after'), limit.headers.get('x-should-retry')]).toEqual([null, 'false'])
    const stream = await events(server, PATH, { ...body('half'), stream: true })
    expect(stream.at(-1)?.data.error.code).toBe('server_is_overloaded')
  })

  it('R-WFL-5 lists a model, with or without /v1', async () => {
    await using server = await open()
    for (const path of ['/v1/models', '/models'])
      expect((await json(await fetch(server.url + path))).data[0].id).toBe('rehearsal')
  })
})
