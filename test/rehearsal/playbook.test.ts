import { describe, expect, it } from 'vitest'
import type { Message } from '../../src/rehearsal/message.ts'
import { Mischief } from '../../src/rehearsal/mischief.ts'
import { parsePlaybook } from '../../src/rehearsal/playbook.ts'
import { matchRule } from '../../src/rehearsal/rules.ts'
import { fill, fillDeep, fillShell, isTrue } from '../../src/rehearsal/template.ts'

const message: Message = {
  ...{ id: '1a2b3c4d', from: 'QAAgency/qa', to: 'Code/js', type: 'RESULTS', isRedelivery: false },
  body: '{"status":"failed","count":2}',
  payload: { status: 'failed', count: 2 },
}

function ruleFor(source: string, used: readonly number[] = []): number | undefined {
  return matchRule(parsePlaybook(source).rules, message, new Set(used))?.index
}

describe('a playbook', () => {
  it('acts by the first rule whose every part matches', () => {
    expect(ruleFor('rules: [{ when: { type: TASK }, do: [] }, { when: { type: results }, do: [] }, { do: [] }]')).toBe(
      1,
    )
    expect(ruleFor('rules: [{ when: { from: "^Code/", type: RESULTS }, do: [] }]')).toBeUndefined()
    expect(ruleFor('rules: [{ when: { payload: { status: failed, count: 2 } }, do: [] }]')).toBe(0)
    expect(ruleFor('rules: [{ when: { payload: { status: passed } }, do: [] }]')).toBeUndefined()
  })

  it('passes over a rule that says once and has acted', () => {
    expect(ruleFor('rules: [{ when: { once: true }, do: [] }, { do: [] }]', [0])).toBe(1)
  })

  it('keeps what the patterns caught', () => {
    const { rules } = parsePlaybook(
      'rules: [{ when: { from: "^(?<agency>\\\\w+)", body: "(?<digit>\\\\d)" }, do: [] }]',
    )
    expect(matchRule(rules, message, new Set())?.groups).toEqual({ agency: 'QAAgency', digit: '2' })
  })

  it.each([
    ['rules: [{ do: [{ shout: x }] }]', /rules\[0\]\.do\[0\].*shout/],
    ['rules: [{ do: [{ say: x, sleep: 1 }] }]', /has exactly one action/],
    ['rules: [{ do: [{ if: "a == b", then: [{ write: { path: x } }] }] }]', /then\[0\]\.write\.content/],
    ['rules: [{ do: [{ if: nonsense }] }]', /is a comparison/],
    ['rules: [{ when: { body: "(" }, do: [] }]', /when\.body is not a regular expression/],
    ['rules: [', /my-team\.yaml: /],
  ])('says what is wrong with %s', (source, problem) => {
    expect(() => parsePlaybook(source, 'my-team.yaml')).toThrow(problem)
  })
})

describe('the words in double braces', () => {
  const scope = { message, vars: { a: 'x == y' }, env: process.env }

  it('are looked up, however deep, and are empty when they are not there', () => {
    expect(fill('{{ message.id }}|{{message.payload}}|{{message.nope.deep}}|{{toString}}', scope)).toBe(
      '1a2b3c4d|{"status":"failed","count":2}||',
    )
    expect(fillDeep({ list: ['{{message.id}}', 1, null] }, scope)).toEqual({ list: ['1a2b3c4d', 1, null] })
  })

  it('cannot change the comparison that they are part of', () => {
    expect(isTrue('{{vars.a}} == "x == y"', scope)).toBe(true)
    expect(isTrue("{{message.type}} != 'RESULTS'", scope)).toBe(false)
  })

  it('reach a shell as words or as variables', () => {
    expect(fillShell('git merge {{message.id}}; echo "{{vars.a}}"', scope)).toEqual({
      command: `git merge 1a2b3c4d; echo "\${PLAYBOOK_1}"`,
      variables: { PLAYBOOK_1: 'x == y' },
    })
  })
})

describe('misbehaviour', () => {
  it('is used up by its number, once by default, for ever at the start', () => {
    const mischief = new Mischief('swallow-enter:2,drop-prompt,exit-at-start')
    const takes = (fault: 'swallow-enter' | 'drop-prompt' | 'exit-at-start') =>
      [1, 2, 3].map(() => mischief.take(fault))
    expect(takes('swallow-enter')).toEqual([true, true, false])
    expect(takes('drop-prompt')).toEqual([true, false, false])
    expect(takes('exit-at-start')).toEqual([true, true, true])
  })

  it('can be given as a record, and switched off again', () => {
    const mischief = new Mischief(undefined)
    mischief.add({ 'busy-for': 300, redraw: true })
    expect([mischief.milliseconds('busy-for'), mischief.has('redraw')]).toEqual([300, true])
    mischief.add({ redraw: false })
    expect(mischief.has('redraw')).toBe(false)
  })
})
