import { expect, it } from 'vitest'
import { z } from 'zod'
import { mistakesIn, readLoosely, readYaml } from '../../src/config/yaml.ts'

it('R-AGY-2 whatever a file holds, what is wrong with it is a mistake in it with a line, and never one of ours', () => {
  const grown = 'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]'
  const deep = ['['.repeat(20_000), '{a: '.repeat(8_000), '- '.repeat(20_000), 'a: '.repeat(5_000)]
  for (const text of ['a: *nowhere', grown, 'a: [', '\u0000', 'a: !!binary "%', ...deep]) {
    const refused = { code: 'BAD_DEFINITION', message: expect.stringMatching(/^file:\d+:\d+: /) }
    expect(() => readYaml(text, 'file', z.looseObject({})), text.slice(0, 20)).toThrow(expect.objectContaining(refused))
    expect(mistakesIn(text, z.looseObject({})).length, text.slice(0, 20)).toBeGreaterThan(0)
  }
  expect(readLoosely('a: *nowhere')).toBeUndefined()
  expect(readYaml('a: &x [1]\nb: *x', 'file', z.unknown())).toEqual({ a: [1], b: [1] })
})

it('R-AGY-2 brackets and dashes in texts, comments and keys are no depth', () => {
  const many = '['.repeat(300)
  const dashes = '- '.repeat(300).trim()
  const texts = [
    `a: "${many}"`,
    `a: '${many}'`,
    `a: x ${many}`,
    `a: |\n  ${many}\n  ${dashes}\nb: 1`,
    `# ${many}\na: "${dashes}"`,
  ]
  for (const text of texts) expect(readYaml(text, 'file', z.looseObject({})), text.slice(0, 30)).toHaveProperty('a')
  expect(readYaml(JSON.stringify({ a: many, b: dashes }), 'file', z.unknown())).toEqual({ a: many, b: dashes })
  const steps = Array.from({ length: 2_100 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  expect(() => readYaml(nested(199), 'file', z.unknown())).not.toThrow()
  for (const deep of [nested(201), `"x": ${nested(201)}`, `a: "]"\nb: ${'{a: '.repeat(201)}`, steps])
    expect(() => readYaml(deep, 'file', z.unknown()), deep.slice(0, 10)).toThrow('nested too deeply')
})

it('R-AGY-2 a key that is there twice is a mistake with its line; tens of thousands of keys are read in a moment', () => {
  expect(mistakesIn('a: 1\nb:\n  c: 1\n  c: 2\n', z.unknown())).toEqual([
    { line: 4, column: 3, path: '', what: 'Map keys must be unique: "c" is there twice' },
  ])
  expect(() => readYaml('{"a": 1, "a": 2}', 'file', z.unknown())).toThrow('file:1:10: Map keys must be unique')
  expect(readYaml('1: a\n"1": b', 'file', z.unknown())).toEqual({ 1: 'b' })
  const keys = Array.from({ length: 30_000 }, (_, at) => `key${at}: ${at}`)
  const begun = performance.now()
  expect(Object.keys(readYaml(keys.join('\n'), 'file', z.looseObject({})))).toHaveLength(30_000)
  // Each of them wrong: one is told, a thousand to whoever wants all.
  const numbers = z.record(z.string(), z.string())
  expect(() => readYaml(keys.join('\n'), 'file', numbers)).toThrow('file:1:7 at key0')
  expect(mistakesIn(keys.join('\n'), numbers)).toHaveLength(1_000)
  expect(performance.now() - begun).toBeLessThan(8_000)
  expect(() => readYaml(`a: ${'x'.repeat(5_000_000)}`, 'file', z.unknown())).toThrow('file:1:1: it is larger than 5 MB')
})
