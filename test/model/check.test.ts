import { expect, it } from 'vitest'
import { checkOf, checkSchema, sayCheck, sayRun, tellingLines } from '../../src/model/check.ts'

it('R-TSK-4 a check is a command, or a command with a name that people are told in its place', () => {
  const named = checkSchema.parse({ name: 'unit tests', run: 'npm test -- --silent' })
  expect(checkOf(named)).toEqual({ name: 'unit tests', command: 'npm test -- --silent' })
  expect(checkOf(checkSchema.parse('npm test'))).toEqual({ name: undefined, command: 'npm test' })
  expect(sayCheck(checkOf(named))).toBe('unit tests')
  expect(sayCheck({ command: 'npm test' })).toBe('npm test')
  const shell = 'if grep -qs \'"test" *:\' package.json && { [ -d node_modules ]; }; then\n  npm test --silent\nfi'
  expect(sayCheck({ command: shell })).toHaveLength(60)
  expect(sayCheck({ command: shell })).toMatch(/^if grep.*…$/)
  for (const bad of [{ name: 'x' }, 7, null, ['npm test']])
    expect(checkSchema.safeParse(bad).error?.issues[0]?.message).toContain('is a shell command, or {"name"')
  for (const bad of [{ name: 'two\nlines', run: 'true' }, { name: '', run: 'true' }, ''])
    expect(checkSchema.safeParse(bad).success).toBe(false)
})

it('R-TSK-4 how a run ended is said in words', () => {
  const run = { command: 'npm test', name: undefined, ended: undefined }
  expect(sayRun({ ...run, status: 3 })).toBe('npm test failed with 3')
  expect(sayRun({ ...run, status: undefined })).toBe('npm test took too long')
  expect(sayRun({ ...run, name: 'unit tests', status: undefined, ended: 'its output was endless' })).toBe(
    'unit tests its output was endless',
  )
})

it('R-TSK-4 the last lines that matter are those that say why, and not what runners say after anything', () => {
  expect(tellingLines('')).toEqual([])
  expect(tellingLines('one\n\n\u001b[31mtwo\u001b[0m\n')).toEqual(['one', 'two'])
  const npm = [
    '> app@1.0.0 test',
    '> node test.js',
    '',
    'AssertionError: 1 is not 2',
    'npm ERR! code ELIFECYCLE',
    'npm error A complete log of this run can be found in: /x',
  ]
  expect(tellingLines(npm.join('\n'))).toEqual(['AssertionError: 1 is not 2'])
  // What says why may stand far above the end.
  const far = ['ok 1', 'Error: no such table: users', ...Array.from({ length: 50 }, (_, row) => `closing ${row}`)]
  expect(tellingLines(far.join('\n'))[0]).toBe('Error: no such table: users')
  expect(tellingLines('npm ERR! code 1')).toEqual(['npm ERR! code 1'])
  expect(tellingLines(`${'x'.repeat(5000)}\n\u001b]0;title\u0007`).every(line => line.length <= 300)).toBe(true)
})
