import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { dayOf } from '../../src/model/agentLimits.ts'
import { TokenCount } from '../../src/supervisor/tokenCount.ts'

it('R-TSK-3 tokens of today are counted from the transcript, each answer once, and only what is new is read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agency-tokens-'))
  try {
    const file = join(folder, 'talk.jsonl')
    const now = new Date()
    const yesterday = new Date(now.getTime() - 26 * 3_600_000)
    const answer = (id: string, at: Date, input: number, output: number) =>
      `${JSON.stringify({
        timestamp: at.toISOString(),
        type: 'assistant',
        message: {
          id,
          usage: {
            input_tokens: input,
            output_tokens: output,
            cache_creation_input_tokens: 5,
            cache_read_input_tokens: 9000,
          },
        },
      })}\n`
    const today = dayOf(now.getTime())
    const count = new TokenCount()
    expect(await count.today(file, today)).toBe(0)
    await writeFile(file, answer('old', yesterday, 1000, 1000) + answer('a', now, 10, 20) + answer('a', now, 10, 20))
    expect(await count.today(file, today)).toBe(35)
    const half = answer('b', now, 100, 200)
    await appendFile(file, `{"type":"user","usage":"none"}\nnot json usage\n${half.slice(0, 30)}`)
    expect(await count.today(file, today)).toBe(35)
    await appendFile(file, half.slice(30))
    expect(await Promise.all([count.today(file, today), count.today(file, today)])).toEqual([340, 340])
    expect(await count.today(file, dayOf(yesterday.getTime()))).toBe(2005)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
