import { describe, expect, it } from 'vitest'
import { ask, events, open, post } from './client.ts'

const PATH = '/v1beta/models/gemini-2.5-pro:generateContent'
const STREAM = '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse'
const SHELL = {
  name: 'run_shell_command',
  parametersJsonSchema: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
}

function body(...said: readonly unknown[]) {
  return {
    systemInstruction: { role: 'user', parts: [{ text: 'You are an agent.' }] },
    tools: [{ functionDeclarations: [SHELL] }],
    contents: said.map(one => (typeof one === 'string' ? { role: 'user', parts: [{ text: one }] } : one)),
  }
}

describe('Gemini', () => {
  it('R-WFL-5 streams candidates, the last with its reason', async () => {
    await using server = await open('rules: [{ do: [{ say: hello }] }]')
    const stream = await events(server, STREAM, body('hi'))
    expect(stream.map(({ data }) => data.candidates[0].content.parts[0].text)).toEqual(['hello', ''])
    expect(stream.map(({ data }) => data.candidates[0].finishReason)).toEqual([undefined, 'STOP'])
    expect(server.received.requests[0]).toMatchObject({
      api: 'gemini',
      model: 'gemini-2.5-pro',
      system: 'You are an agent.',
    })
  })

  it('R-WFL-5 calls the shell, and goes on with its response', async () => {
    await using server = await open('rules: [{ match: go, do: [{ run: ls }, { say: then }] }]')
    const [first] = await events(server, STREAM, body('go'))
    const { content } = first!.data.candidates[0]
    const { functionCall } = content.parts[0]
    expect(functionCall).toMatchObject({ name: 'run_shell_command', args: { command: 'ls' } })
    const functionResponse = { id: functionCall.id, name: functionCall.name, response: { output: 'a\nb' } }
    const answer = await ask(server, PATH, body('go', content, { role: 'user', parts: [{ functionResponse }] }))
    expect(answer.candidates[0]).toMatchObject({ content: { parts: [{ text: 'then' }] }, finishReason: 'STOP' })
    expect(server.received.requests.at(-1)?.results[0]?.text).toBe('a\nb')
  })

  it('R-WFL-5 answers whole, counts, and refuses with a quota of the day or of the minute', async () => {
    const script = `rules:
  - { match: day, do: [{ fail: { status: 429, resetIn: 3600 } }] }
  - { match: minute, do: [{ fail: { status: 429, retryAfter: 7 } }] }
  - { match: busy, do: [{ fail: 429 }] }`
    await using server = await open(script)
    expect((await ask(server, PATH, body('x'))).candidates[0].content.parts).toEqual([{ text: 'ok' }])
    expect(await ask(server, PATH.replace('generateContent', 'countTokens'), {})).toEqual({ totalTokens: 1000 })
    const [day, minute, busy] = await Promise.all(['day', 'minute', 'busy'].map(text => ask(server, PATH, body(text))))
    expect(day.error).toMatchObject({ code: 429, status: 'RESOURCE_EXHAUSTED' })
    expect(day.error.details[0].violations[0].quotaId).toContain('PerDay')
    expect(minute.error.details[0].violations[0].quotaId).toContain('PerMinute')
    expect(minute.error.details[1].retryDelay).toBe('7s')
    expect(busy.error.details).toEqual([])
    expect((await post(server, PATH, body('day'))).status).toBe(429)
  })
})
