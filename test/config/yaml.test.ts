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
