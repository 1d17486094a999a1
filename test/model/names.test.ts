import fc from 'fast-check'
import { expect, it } from 'vitest'
import { address, agencyOf, checkName, nameProblem, splitAddress } from '../../src/model/names.ts'

it('R-ALL-4 a name is a letter and at most 62 letters, digits, _ and -, and nothing else', () => {
  for (const good of ['a', 'CodeAgency', 'python-agent', 'x_1', 'A'.repeat(63)])
    expect(nameProblem(good)).toBeUndefined()
  for (const bad of [
    '',
    '1a',
    '-a',
    '_a',
    'a b',
    'a/b',
    '..',
    'a.b',
    'a:b',
    'ä',
    'a\n',
    'a'.repeat(64),
    '=a',
    '%1',
    '$(x)',
  ])
    expect(nameProblem(bad), JSON.stringify(bad)).toEqual(expect.any(String))
})

it('R-ALL-4 reserved words are refused however they are written', () => {
  for (const word of ['human', 'system', 'external', 'coordinator', 'all', 'tools', 'sandbox', 'HUMAN', 'Tools'])
    expect(nameProblem(word)).toBe('is reserved')
})

it('R-ALL-4 a refused name is quoted, shortened, and followed by a good one', () => {
  expect(() => checkName('agent', 'a/b')).toThrow(/the agent name "a\/b" may have letters/)
  expect(() => checkName('agency', 'x'.repeat(300))).toThrow(/"x{40}…" has 300 characters/)
  try {
    checkName('agency', '..')
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({ code: 'BAD_NAME', exitCode: 2, hint: expect.stringContaining('CodeAgency') })
  }
})

it('R-BUS-1 an address of two good names comes apart into the same two', () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/)
  fc.assert(
    fc.property(name, name, (agency, agent) => {
      expect(splitAddress(address(agency, agent))).toEqual({ agency, agent })
      expect(agencyOf(address(agency, agent))).toBe(agency)
    }),
  )
  expect(splitAddress('human')).toBeUndefined()
  expect(agencyOf('human')).toBeUndefined()
})
