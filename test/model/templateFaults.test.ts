import { describe, expect, it } from 'vitest'
import {
  capabilityFaults,
  lineEndFaults,
  MAX_PART_BYTES,
  scriptFaults,
  textFaults,
} from '../../src/model/templateFaults.ts'

describe('what agents read', () => {
  it('R-AGY-2 is good as it is, however long its lines', () => {
    expect(textFaults('a.md', `# Role\n${'ä'.repeat(20_000)}\n`)).toEqual([])
  })

  it('R-AGY-2 names the line at which too much begins, counted in bytes', () => {
    const line = `${'ä'.repeat(511)}\n`
    const [fault] = textFaults('a.md', line.repeat(2048))
    expect(fault?.what).toMatch(/^has 2\.0 MB: an agent reads the first 64 KB/)
    expect(fault?.line).toBe(Math.floor(MAX_PART_BYTES / Buffer.byteLength(line)) + 1)
  })

  it('R-AGY-2 names emptiness, NUL, and the first of several Windows line ends', () => {
    expect(textFaults('a.md', ' \n\t')).toEqual([{ file: 'a.md', line: 1, what: 'is empty' }])
    expect(textFaults('a.md', 'a\nb\0')).toMatchObject([{ line: 2, what: 'holds a NUL: it is no text' }])
    expect(lineEndFaults('a.md', 'a\nb\r\nc\r\n')).toMatchObject([{ line: 2, what: expect.stringContaining('(2)') }])
    expect(lineEndFaults('a.md', 'a\nb\rc\n')).toEqual([])
  })
})

it('R-AGY-2 a script says what runs it, and can be run', () => {
  expect(scriptFaults('s', '#!/bin/sh\n', true)).toEqual([])
  expect(scriptFaults('s', 'echo\r\n', false).map(({ what }) => what.split(':')[0])).toEqual([
    'cannot be run',
    'does not say what runs it',
    'has Windows line ends (1)',
  ])
})

describe('capabilities', () => {
  const say = (words: readonly string[], known: readonly string[] = []) =>
    capabilityFaults(
      'agency.json',
      words.map((word, index) => ({ word, line: index + 1 })),
      known,
    ).map(({ line, what }) => `${line} ${what}`)

  it.each([
    ['api-design', 'API-design'],
    ['api-design', 'api_design'],
    ['api-design', 'apidesign'],
    ['monitoring', 'monitorings'],
    ['monitoring', 'monitering'],
  ])('R-AGY-3 %s and %s are one word in two spellings', (one, other) => {
    expect(say([one, other])).toEqual([`2 the capability "${other}" is spelled "${one}" further up`])
    expect(say([other], [one])).toEqual([`1 the capability "${other}" is called "${one}" by other agencies`])
  })

  it('R-AGY-3 the same word twice, short ones that are near, and words that others have too are no fault', () => {
    expect(say(['testing', 'testing', 'backend', 'frontend', 'go', 'gp', 'qa'], ['backend', 'testing'])).toEqual([])
    // Two spellings of others are theirs to mend.
    expect(say(['code-review'], ['code-review', 'code-reviews'])).toEqual([])
  })
})
