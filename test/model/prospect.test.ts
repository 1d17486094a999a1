import { expect, it } from 'vitest'
import type { AgentRecord } from '../../src/model/agent.ts'
import { sayMoment } from '../../src/model/moment.ts'
import { whatNext } from '../../src/model/prospect.ts'

const NOW = new Date(2026, 10, 21, 12, 0, 30).getTime()
const ready = { address: 'Code/js', state: 'ready', desired: 'running', holds: [], deaths: [] } as never as AgentRecord

it('R-TSK-3 explain says what a task waits for, and what holds an agent once', () => {
  expect(whatNext(ready, { waiting: [], tasks: [{ label: 'TASK-1', state: 'running' }] }, NOW)).toBe(
    'nothing waits for it',
  )
  expect(whatNext(ready, { waiting: [], tasks: [{ label: 'TASK-1', state: 'awaiting-input' }] }, NOW)).toBe(
    'TASK-1 waits for an answer: agency send Code/js "ANSWER: …"; nothing waits for it',
  )
  const paused: AgentRecord = { ...ready, holds: [{ kind: 'paused', by: 'human', at: NOW, why: 'lunch' } as never] }
  const said = whatNext(paused, { waiting: [{ state: 'held', reason: 'paused by human: lunch' }], tasks: [] }, NOW)
  expect(said.match(/lunch/g)).toHaveLength(1)
  expect(said).toMatch(/agency resume Code\/js; 1 waiting; the first is held$/)
  const typing = whatNext(ready, { waiting: [{ state: 'held', reason: 'its composer holds text' }], tasks: [] }, NOW)
  expect(typing).toBe('1 waiting; the first is held: its composer holds text')
})

it('R-ALL-3 a time is said as the clock of this machine shows it, with its date when that is not today', () => {
  expect(sayMoment(new Date(2026, 10, 21, 15, 4, 59).getTime(), NOW)).toBe('15:04')
  expect(sayMoment(new Date(2026, 10, 22, 0, 0).getTime(), NOW)).toBe('2026-11-22 00:00')
})
