import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DELIVERY_STATES } from '../../src/model/delivery.ts'
import {
  checkPayload,
  checkType,
  PAYLOAD_TYPES,
  PRIORITIES,
  PRIORITY_NAMES,
  priorityName,
  readPrefix,
  replyType,
  summaryState,
  WORD_TYPES,
} from '../../src/model/message.ts'

it('R-BUS-1 the prefix says the type, a number makes a label, and a name is only a subject', () => {
  for (const [body, type, label] of [
    ['TASK-042: build it', 'TASK', 'TASK-042'],
    ['TASK: build it', 'TASK', undefined],
    ['STATUS python-agent: fine', 'STATUS', undefined],
    ['QUESTION from python-agent: which port?', 'QUESTION', undefined],
    ['QUESTION from Code/python-agent: which port?', 'QUESTION', undefined],
    ['ANSWER: 8080', 'ANSWER', undefined],
    ['COMPLETE js-agent: TASK-7 is done', 'COMPLETE', 'TASK-7'],
    ['BLOCKED js-agent: no database', 'BLOCKED', undefined],
    ['BLOCKED-3 js-agent: no database', 'BLOCKED', 'BLOCKED-3'],
    ['task-042: lower case is words', 'NOTE', undefined],
    ['TASKS: many', 'NOTE', undefined],
    ['My TASK-042: is words', 'NOTE', undefined],
    ['TASK without a colon', 'NOTE', undefined],
    ['', 'NOTE', undefined],
  ] as const)
    expect(readPrefix(body), body).toEqual({ type, label })
})

it('R-BUS-1 reading a prefix ends, whatever the body', () => {
  fc.assert(
    fc.property(fc.constantFrom(...WORD_TYPES), fc.string({ unit: 'binary' }), (word, rest) => {
      expect(readPrefix(`${word}: ${rest}`).type).toBe(word)
    }),
  )
  expect(readPrefix(`TASK ${'a'.repeat(1_000_000)}`).type).toBe('NOTE')
})

it('R-BUS-1 a type may be written in any case, and an unknown one is named', () => {
  for (const type of [...WORD_TYPES, ...PAYLOAD_TYPES, 'NOTE']) {
    expect(checkType(type.toLowerCase())).toBe(type)
    expect(checkType(type.toUpperCase())).toBe(type)
  }
  expect(() => checkType('DANCE')).toThrow(/"DANCE"/)
  expect(() => checkType('__proto__')).toThrow(/__proto__/)
})

it('R-BUS-2 each payload has its fields checked and everything else kept', () => {
  const good = [
    { type: 'handoff', task: 'T', branch: 'b', priority: 'urgent', artifacts: ['a'], notes: 'n', mine: { x: 1 } },
    { type: 'results', task: 'T', status: 'passed' },
    { type: 'results', task: 'T', status: 'issues_found', bugs: 3, report: 'r', severity: 'low', mine: [1] },
    { type: 'results', task: 'T', status: 'failed', bugs: [{ id: 1 }, 'text'], count: 2 },
    { type: 'request', anything: true },
    { type: 'response', anything: null },
    { type: 'notice', text: 'x' },
    { type: 'alert', severity: 'critical', message: 'm', action_required: true },
    { type: 'alert', message: 'm', action_required: 'stop' },
  ]
  for (const payload of good) expect(checkPayload(payload)).toEqual(payload)
  const bad: [payload: unknown, at: RegExp][] = [
    [{ type: 'handoff' }, /handoff payload is wrong at task/],
    [{ type: 'handoff', task: '' }, /at task/],
    [{ type: 'handoff', task: 'T', priority: 'huge' }, /at priority/],
    [{ type: 'handoff', task: 'T', artifacts: [1] }, /at artifacts\.0/],
    [{ type: 'results', task: 'T' }, /at status/],
    [{ type: 'results', task: 'T', status: 'passed', bugs: -1 }, /at bugs/],
    [{ type: 'alert', message: '' }, /at message/],
    [{ type: 'TASK' }, /none of handoff/],
    [{ type: 'constructor' }, /"constructor"/],
    [{}, /undefined/],
    [null, /undefined/],
    ['handoff', /undefined/],
    [['handoff'], /undefined/],
  ]
  for (const [payload, at] of bad) expect(() => checkPayload(payload), JSON.stringify(payload)).toThrow(at)
})

it('R-BUS-4 the state of a message is that of the delivery furthest from its goal, for every state there is', () => {
  const of = (...states: (typeof DELIVERY_STATES)[number][]) => summaryState(states.map(state => ({ state })))
  for (const state of DELIVERY_STATES) expect(of(state)).toBe(state)
  expect(of('confirmed', 'dead', 'queued')).toBe('dead')
  expect(of('acked', 'confirmed')).toBe('confirmed')
  expect(of('confirmed', 'handed')).toBe('handed')
  expect(summaryState([]), 'after a purge').toBe('forgotten')
})

it('R-BUS-4 each priority has one name, and what is none has none', () => {
  expect(PRIORITY_NAMES.map(name => priorityName(PRIORITIES[name]))).toEqual(PRIORITY_NAMES)
  expect([...PRIORITY_NAMES].sort()).toEqual(Object.keys(PRIORITIES).sort())
  expect(priorityName(17)).toBeUndefined()
})

it('R-BUS-1 a reply to a question is an ANSWER, any other says itself what it is', () => {
  expect(replyType('QUESTION')).toBe('ANSWER')
  expect(replyType('TASK')).toBeUndefined()
})
