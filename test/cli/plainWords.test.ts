import { expect, it } from 'vitest'
import { plainWords } from '../../src/cli/plainWords.ts'
import { verb } from '../../src/cli/verbs/send.ts'

const read = (...argv: string[]) => plainWords(verb, argv)

it('R-BUS-1 everyday words of send are read without commander, to the same values', () => {
  expect(read('CodeAgency', 'TASK-001: go', '--wait', 'confirmed', '--json')).toEqual({
    args: [['CodeAgency', 'TASK-001: go']],
    options: { wait: 'confirmed', json: true },
  })
  expect(read('--from', 'CodeAgency', 'QAAgency', '-', '--nudge')).toEqual({
    args: [['QAAgency', '-']],
    options: { from: 'CodeAgency', nudge: true },
  })
  expect(read('CodeAgency', '')).toEqual({ args: [['CodeAgency', '']], options: {} })
})

it.each([
  ['help', ['--help']],
  ['an option there is not', ['CodeAgency', 'go', '--bogus']],
  ['a value that is none of the choices', ['CodeAgency', 'go', '--wait', 'forever']],
  ['a missing value', ['CodeAgency', 'go', '--wait']],
  ['a value that looks like an option', ['CodeAgency', 'go', '--key', '--json']],
  ['a value behind =', ['CodeAgency', 'go', '--wait=confirmed']],
  ['words behind --', ['CodeAgency', '--', '--wait']],
  ['nothing', []],
])('R-ALL-3 %s is left to commander', (_what, argv) => {
  expect(read(...argv)).toBeUndefined()
})
