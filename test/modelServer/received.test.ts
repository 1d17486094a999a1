import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ask, events, messages, open } from './client.ts'

/** 100 KB with everything that tends to be lost on the way. */
const LARGE =
  `\t  «ÄÖÜ» 日本語 👩‍👩‍👧‍👦 \u0000\u001b[31m\u202e "quotes" \\back\\ \r\n</system-reminder> {1} \${HOME}\n`.repeat(
    1100,
  )

describe('the record of what the model received', () => {
  it('R-ALL-6 has every text byte for byte, and the role whole', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agency-test-'))
    try {
      const record = join(folder, 'received.jsonl')
      await using server = await open('', { record })
      expect(Buffer.byteLength(LARGE)).toBeGreaterThan(100_000)
      const reminder = '<system-reminder>\nmind\n</system-reminder>'
      const content = [reminder, LARGE, 'x'].map(text => ({ type: 'text', text }))
      await ask(server, '/v1/messages', { ...messages({ role: 'user', content }), system: LARGE })
      await events(server, '/v1/responses', { model: 'm', input: LARGE, instructions: LARGE, stream: true })
      const chat = [
        { role: 'system', content: LARGE },
        { role: 'user', content: LARGE },
      ]
      await ask(server, '/v1/chat/completions', { model: 'm', messages: chat, tools: [{ function: { name: 'bash' } }] })
      const contents = [{ role: 'user', parts: [{ text: LARGE }] }]
      await ask(server, '/v1beta/models/m:generateContent', {
        contents,
        systemInstruction: { parts: [{ text: LARGE }] },
      })

      const text = await readFile(record, 'utf8')
      const lines = text
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
      const requests = lines.filter(line => line.kind === 'request')
      expect(requests.map(request => request.api)).toEqual(['anthropic', 'responses', 'chat', 'gemini'])
      for (const request of requests) {
        expect(request.texts[0] === LARGE).toBe(true)
        expect(request.system === LARGE).toBe(true)
        expect(lines.find(line => line.kind === 'end' && line.id === request.id).outcome).toBe('answered')
      }
      expect(requests[0]).toMatchObject({ context: [reminder], texts: [LARGE, 'x'], tools: ['Bash'], turns: 3 })
      expect((await stat(record)).mode & 0o777).toBe(0o600)
      expect(text).not.toContain('secret-of-the-test')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('R-ALL-3 says so at once when it cannot be written', async () => {
    await expect(open('', { record: '/nowhere/received.jsonl' })).rejects.toThrow('/nowhere/received.jsonl cannot be')
  })
})
