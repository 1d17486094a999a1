import { describe, expect, it } from 'vitest'
import { ask, events, messages, open } from './client.ts'

const SCRIPT = 'rules: [{ do: [{ say: scripted }] }]'
const system = (content: string) => ({ role: 'system', content })
const user = (content: string) => ({ role: 'user', content })
const bash = { type: 'function', function: { name: 'bash', parameters: {} } }

describe('what a program asks for itself', () => {
  it.each([
    ['a quota check', { messages: [user('quota')], max_tokens: 1 }],
    ['instructions without tools', { system: 'You write titles.', messages: [user('hello')] }],
    ['a summary of the conversation', messages('Your task is to create a detailed summary of the conversation so far')],
  ])('R-WFL-5 is answered without the script: Anthropic, %s', async (_, body) => {
    await using server = await open(SCRIPT)
    const answer = await ask(server, '/v1/messages', { model: 'haiku', ...body })
    expect(answer.content).toEqual([{ type: 'text', text: 'Rehearsal' }])
    expect(server.received.requests[0]).toMatchObject({ isSide: true, rules: [] })
  })

  it.each([
    ['a title', { messages: [system('You are a title generator.'), user('hello')], tools: [bash] }],
    [
      'a memory',
      {
        messages: [system('You are now acting as the managed memory extraction subagent for x'), user('y')],
        tools: [bash],
      },
    ],
    ['a chat', { messages: [user('Given the following... please reply with a title for the chat that is short')] }],
    [
      'a goal',
      { messages: [user("Summarize the user's primary intent or goal in this conversation in ONE sentence")] },
    ],
  ])('R-WFL-5 is answered without the script: chat, %s', async (_, body) => {
    await using server = await open(SCRIPT)
    const answer = await ask(server, '/v1/chat/completions', { model: 'm', ...body })
    expect(answer.choices[0].message.content).toBe('Rehearsal')
  })

  it('R-WFL-5 gets JSON of the shape that it wants', async () => {
    await using server = await open(SCRIPT)
    const schema = {
      type: 'OBJECT',
      properties: {
        next_speaker: { type: 'STRING', enum: ['model', 'user'] },
        confidence: { type: 'number', minimum: 1 },
        list: { type: 'array', items: {} },
        flag: { type: ['boolean', 'null'] },
        maybe: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        why: { type: 'string' },
        not: { type: 'string' },
      },
      required: ['next_speaker', 'confidence', 'list', 'flag', 'maybe', 'why'],
    }
    const plain = { next_speaker: 'user', confidence: 1, list: [], flag: false, maybe: null, why: 'rehearsal' }
    const generationConfig = { responseMimeType: 'application/json', responseSchema: schema }
    const path = '/v1beta/models/flash:generateContent'
    const gemini = await ask(server, path, { contents: [{ parts: [{ text: 'who?' }] }], generationConfig })
    expect(JSON.parse(gemini.candidates[0].content.parts[0].text)).toEqual(plain)

    const text = { format: { type: 'json_schema', schema } }
    const codex = await events(server, '/v1/responses', { model: 'm', input: 'title?', stream: true, text })
    expect(JSON.parse(codex.find(event => event.name === 'response.output_text.done')?.data.text)).toEqual(plain)

    const claude = await ask(server, '/v1/messages', { ...messages('x'), output_config: { format: { schema } } })
    expect(JSON.parse(claude.content[0].text)).toEqual(plain)

    const tools = [{ type: 'function', function: { name: 'respond_in_schema', parameters: schema } }]
    const qwen = await ask(server, '/v1/chat/completions', { model: 'm', messages: [user('x')], tools })
    expect(JSON.parse(qwen.choices[0].message.tool_calls[0].function.arguments)).toEqual(plain)
    expect(server.received.requests.every(request => request.isSide)).toBe(true)
  })

  it('R-WFL-5 knows an agent that has no tools', async () => {
    await using server = await open(SCRIPT)
    const said = [system('Act as an expert software developer.\nAlways use best practices.'), user('hello')]
    const answer = await ask(server, '/v1/chat/completions', { model: 'm', messages: said })
    expect(answer.choices[0].message.content).toBe('scripted')
  })

  it('R-WFL-5 uses up no rule, and a person may say the same words', async () => {
    await using server = await open('rules: [{ times: 1, do: [{ say: scripted }] }]')
    await ask(server, '/v1/messages', { model: 'm', system: 'Titles.', messages: [user('x')] })
    const said = 'You are a title generator. Write a title for this conversation.'
    expect((await ask(server, '/v1/messages', messages(said))).content[0].text).toBe('scripted')
  })
})
