import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { fillShell, fillStep } from '../../src/modelServer/fill.ts'
import { parseScript } from '../../src/modelServer/script.ts'

describe('the script of the model server', () => {
  it('R-WFL-5 reads every kind of step', () => {
    const script = parseScript(`
name: team
rules:
  - match: '(\\d+)'
    times: 2
    do:
      - say: 42
      - run: ls
      - wait: 1.5
      - fail: 529
      - fail: { status: 429, resetAt: "2030-01-31T15:00:00Z", message: enough }
      - cut: true
  - do: [{ say: else }]
`)
    expect(script.rules[0]?.do).toEqual([
      { say: '42' },
      { run: { command: 'ls', outsideSandbox: false } },
      { wait: 1.5 },
      { fail: { status: 529 } },
      { fail: { status: 429, resetAt: '2030-01-31T15:00:00Z', message: 'enough' } },
      { cut: true },
    ])
    expect(script.rules[1]?.match).toBe('')
    expect(parseScript('').rules).toEqual([])
  })

  it.each([
    [
      'rules:\n  - match: (\n    do: [{ say: x }]',
      /replies\.yaml:2:12 at rules\.0\.match: is not a regular expression/,
    ],
    [
      'rules:\n  - do:\n      - say: x\n        wait: 1',
      /replies\.yaml:3:9 at rules\.0\.do\.0: has exactly one action/,
    ],
    ['rules:\n  - do: [{ shout: x }]', /replies\.yaml:2:10 at rules\.0\.do\.0: .*shout/],
    ['rules:\n  - do: []', /replies\.yaml:2:9 at rules\.0\.do: has at least one step/],
    ['rules:\n  - do: [{ cut: false }]', /replies\.yaml:2:17 at rules\.0\.do\.0\.cut: is true or not there/],
    ['rules:\n  - do: [{ fail: 200 }]', /replies\.yaml:2:18 at rules\.0\.do\.0\.fail/],
    ['rules:\n  - do: [{ fail: { status: 429, resetAt: soon } }]', /resetAt: is a time such as 2030/],
    [
      'rules:\n  - do: [{ fail: { status: 429, resetAt: "2030-01-31T15:00:00Z", resetIn: 1 } }]',
      /resetAt or resetIn, not both/,
    ],
    ['rules:\n  - times: 0\n    do: [{ say: x }]', /replies\.yaml:2:12 at rules\.0\.times/],
    ['rules: [', /replies\.yaml:1:/],
  ])('R-WFL-5 tells a mistake with file, line and path: %s', (source, problem) => {
    expect(() => parseScript(source, 'replies.yaml')).toThrow(problem)
  })
})

describe('what a pattern caught', () => {
  it('R-WFL-5 goes into the words, and what is no group stays', () => {
    expect(fillStep({ say: '{0} {1} {name} {2} {"a":1}' }, { 0: 'all', 1: 'one', name: 'n' })).toEqual({
      say: 'all one n {2} {"a":1}',
    })
  })

  it.each([["it's $(echo bad) `echo bad` \"; echo bad; '"], ['two words'], ['-n']])(
    'R-ALL-4 reaches the shell as a value, never as a command: %s',
    async value => {
      const command = fillShell('printf %s "{1}" && echo " $'.concat('{HOME:+kept}"'), { 1: value, HOME: 'x' })
      expect((await execa('bash', ['-c', command], { stdin: 'ignore' })).stdout).toBe(`${value} kept`)
    },
  )
})
