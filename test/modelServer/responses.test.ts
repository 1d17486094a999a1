import { describe, expect, it } from 'vitest'
import { ask, events, json, open, post } from './client.ts'

const PATH = '/v1/responses'
const EXEC = {
  type: 'function',
  name: 'exec_command',
  parameters: { type: 'object', properties: { cmd: { type: 'string' }, tty: { type: 'boolean' } }, required: ['cmd'] },
}

function message(role: string, text: string) {
  return { type: 'message', role, content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }] }
}

function body(input: readonly unknown[] | string, tools: readonly unknown[] = [EXEC]) {
  return { model: 'gpt-test', instructions: 'You are an agent.', input, tools, stream: true }
}

describe('OpenAI Responses', () => {
  it('R-WFL-5 streams a message: created, added, filled, done, completed', async () => {
    await using server = await open('rules: [{ do: [{ say: "one two" }] }]')
    const stream = await events(server, PATH, body([message('developer', 'Be brief.'), message('user', 'hi')]))
    expect(stream.map(event => event.name)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(stream.map(event => event.data.sequence_number)).toEqual(stream.map((_, index) => index))
    const { response } = stream.at(-1)!.data
    expect(response.output[0].content[0].text).toBe('one two')
    expect(response.usage.total_tokens).toBe(1020)
    expect(response.id).toBe(stream[0]?.data.response.id)
    expect(server.received.requests[0]).toMatchObject({ system: 'You are an agent.\nBe brief.', texts: ['hi'] })
  })

  it('R-WFL-5 calls exec_command with cmd, and goes on with its output', async () => {
    await using server = await open('rules: [{ match: go, do: [{ run: "ls -l" }, { say: then }] }]')
    const stream = await events(server, PATH, body([message('user', 'go')]))
    const item = stream.find(event => event.name === 'response.output_item.done')?.data.item
    expect(item).toMatchObject({ type: 'function_call', name: 'exec_command', arguments: '{"cmd":"ls -l"}' })
    expect(stream.map(event => event.name)).toContain('response.function_call_arguments.done')
    const output = { type: 'function_call_output', call_id: item.call_id, output: 'total 0' }
    const next = await events(server, PATH, body([message('user', 'go'), item, output]))
    expect(next.find(event => event.name === 'response.output_text.done')?.data.text).toBe('then')
  })

  it.each([
    [{ type: 'local_shell' }, { type: 'local_shell_call', action: { type: 'exec', command: ['bash', '-lc', 'ls'] } }],
    [
      { type: 'function', name: 'shell', parameters: { properties: { command: { type: 'array' } } } },
      { type: 'function_call', name: 'shell', arguments: '{"command":["bash","-lc","ls"]}' },
    ],
  ])('R-WFL-5 finds the shell that is offered: %j', async (tool, item) => {
    await using server = await open('rules: [{ do: [{ run: ls }] }]')
    const stream = await events(server, PATH, body('go', [{ type: 'web_search' }, tool]))
    expect(stream.find(event => event.name === 'response.output_item.done')?.data.item).toMatchObject(item)
  })

  it('R-WFL-5 asks to leave the sandbox where the script says so', async () => {
    await using server = await open('rules: [{ do: [{ run: { command: ls, outsideSandbox: true } }] }]')
    const properties = { ...EXEC.parameters.properties, sandbox_permissions: { type: 'string' } }
    const able = { ...EXEC, parameters: { ...EXEC.parameters, properties } }
    for (const [tool, asked] of [
      [able, 'require_escalated'],
      [EXEC, undefined],
    ] as const) {
      const stream = await events(server, PATH, body('go', [tool]))
      const item = stream.find(event => event.name === 'response.output_item.done')?.data.item
      expect(JSON.parse(item.arguments).sandbox_permissions).toBe(asked)
    }
  })

  it('R-WFL-5 reaches the shell through code where tools are nested in it', async () => {
    await using server = await open('rules: [{ match: go, do: [{ run: "echo \\"x\\"" }, { say: then }] }]')
    const nested = { type: 'namespace', name: 'functions', tools: [{ type: 'custom', name: 'exec' }] }
    const tools = { type: 'additional_tools', role: 'developer', tools: [nested] }
    const request = { model: 'm', stream: true, input: [tools, message('user', 'go')] }
    const stream = await events(server, PATH, request)
    const item = stream.find(event => event.name === 'response.output_item.done')?.data.item
    expect(item).toMatchObject({ type: 'custom_tool_call', name: 'exec', namespace: 'functions' })
    expect(item.input).toContain('tools.exec_command({"cmd":"echo \\"x\\""})')
    const output = {
      type: 'custom_tool_call_output',
      call_id: item.call_id,
      output: [{ type: 'input_text', text: 'x' }],
    }
    const next = await events(server, PATH, { ...request, input: [...request.input, item, output] })
    expect(next.find(event => event.name === 'response.output_text.done')?.data.text).toBe('then')
  })

  it('R-WFL-5 answers whole when no stream is wanted', async () => {
    await using server = await open('rules: [{ do: [{ say: hello }, { run: ls }] }]')
    const answer = await ask(server, PATH, { ...body('x'), stream: false })
    expect(answer.output.map((item: { type: string }) => item.type)).toEqual(['message', 'function_call'])
    expect(answer).toMatchObject({ object: 'response', status: 'completed' })
  })

  it('R-WFL-5 tells a usage limit with its end in the body, and a failure in the middle as failed', async () => {
    const script = `rules:
  - { match: limit, do: [{ fail: { status: 429, resetAt: "2100-01-01T00:00:00Z" } }] }
  - { match: half, do: [{ say: half }, { fail: 500 }] }`
    await using server = await open(script)
    const limit = await post(server, PATH, body('limit'))
    expect([limit.status, limit.headers.get('retry-after')]).toEqual([429, null])
    expect((await json(limit)).error).toMatchObject({ type: 'usage_limit_reached', resets_at: 4_102_444_800 })
    const stream = await events(server, PATH, body('half'))
    expect(stream.at(-1)).toMatchObject({
      name: 'response.failed',
      data: { response: { error: { code: 'server_error' } } },
    })
  })
})
