import { expect, it } from 'vitest'
import { newId, shortId } from '../../src/kernel/ids.ts'
import type { Unit } from '../../src/model/unit.ts'
import { UNIT_TYPES } from '../../src/model/unit.ts'
import { unitLine, wordUnit } from '../../src/model/unitWords.ts'

const id = newId()

function unit(changes: Partial<Unit>): Unit {
  const base = { id, context: 'Code', agent: 'Code/lead', type: 'decision', at: 0, subject: id, relations: [] } as const
  return { ...base, metadata: {}, payload: undefined, seq: 7, contextSeq: 1, ...changes }
}

it('R-TSK-5 tells who did what to what, and why', () => {
  const cases: [Partial<Unit>, string][] = [
    [
      { type: 'message', metadata: { to: 'Code/a', messageType: 'TASK' }, payload: 'TASK-1: do it' },
      `Code/lead → a · TASK · ${shortId(id)}  TASK-1: do it`,
    ],
    [
      { type: 'message', metadata: { to: 'QA/a', messageType: 'handoff', spokenBy: 'human' }, payload: 'x' },
      `Code/lead → QA/a · handoff · ${shortId(id)} (spoken by human)  x`,
    ],
    [
      {
        type: 'delivery',
        agent: 'system',
        metadata: { message: id, to: 'Code/a', event: 'hold', state: 'held', reason: 'a dialog is open' },
      },
      `system delivery ${shortId(id)} to Code/a: hold → held  because a dialog is open`,
    ],
    [
      { type: 'agent-state', subject: 'Code/a', metadata: { from: 'busy', state: 'dead', evidence: 'exit 1' } },
      'Code/lead Code/a: busy → dead  exit 1',
    ],
    [
      {
        type: 'task',
        metadata: { event: 'fail', state: 'ready', label: 'TASK-1', title: 'Write it', reason: 'tests' },
      },
      `Code/lead task TASK-1 "Write it" ${shortId(id)}: fail → ready  because tests`,
    ],
    [
      {
        type: 'task',
        metadata: { event: 'pass', state: 'succeeded', label: 'TASK-1' },
        payload: JSON.stringify({ commit: '1234567890', checks: [{ command: 'npm test', status: 0 }] }),
      },
      `Code/lead task TASK-1 ${shortId(id)}: pass → succeeded  commit 12345678, npm test ended with 0`,
    ],
    [
      {
        type: 'lock',
        metadata: {
          event: 'grant',
          state: 'held',
          owner: 'Code/a',
          resources: ['path:src/a.ts'],
          count: 3,
          why: 'refactor',
        },
      },
      `Code/lead lock ${shortId(id)} of Code/a: grant → held path:src/a.ts and 2 more  refactor`,
    ],
    [{ type: 'agency', subject: 'Code', metadata: { what: 'create' } }, 'Code/lead Code: create'],
    [{ type: 'error', subject: 'Code/a', payload: 'it broke' }, 'Code/lead error of Code/a  it broke'],
    [{ type: 'decision', subject: 'Code/a', payload: 'yes' }, 'Code/lead decision about Code/a  yes'],
    [
      { type: 'decision', subject: '01a1ff6c-a1da-7385-b432-00001234abcd', payload: 'yes' },
      'Code/lead decision about 1234abcd  yes',
    ],
    [
      { type: 'decision', subject: id, payload: 'sandbox login: up', metadata: { sandbox: 'login', event: 'up' } },
      'Code/lead sandbox login: up',
    ],
    [
      { type: 'error', subject: id, payload: 'no port', metadata: { sandbox: 'login', event: 'deploy' } },
      'Code/lead sandbox login: deploy  no port',
    ],
    [
      {
        ...{ type: 'decision', subject: '01a1ff6c-a1da-7385-b432-00001234abcd', payload: 'all of it in one line' },
        metadata: {
          what: 'submission',
          event: 'reject',
          state: 'rejected',
          title: 'A "thing"',
          author: 'Code/a',
          reason: 'no',
        },
      },
      'Code/lead submission 1234abcd: reject → rejected  "A \\"thing\\"" of Code/a, because no',
    ],
  ]
  for (const [changes, expected] of cases)
    expect(unitLine(unit(changes))).toBe(`1970-01-01T00:00:00.000Z #7 ${expected}\n`)
  expect(new Set(cases.map(([{ type }]) => type))).toEqual(new Set(UNIT_TYPES))
})

it('R-ALL-4 nothing that an agent wrote moves a cursor or makes a second line', () => {
  const evil = 'a\u001b[2J\r\nb\u202e\u0007'
  for (const type of UNIT_TYPES) {
    const metadata = { to: evil, event: evil, state: evil, reason: evil, evidence: evil, what: evil, label: evil }
    for (const more of [undefined, { sandbox: evil }]) {
      const changes = { type, agent: evil, subject: evil, payload: evil, metadata: { ...metadata, ...more } }
      const { who, what, why } = wordUnit(unit(changes))
      expect(`${who}${what}${why}`).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    }
  }
})
