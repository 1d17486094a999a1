import { expect, it } from 'vitest'
import type { AgentRecord } from '../../src/model/agent.ts'
import { definitionSchema } from '../../src/model/definition.ts'
import { taskFindings } from '../../src/tasks/findings.ts'
import { task } from '../model/aTask.ts'

const NOW = 1_800_000_000_000 + 120_000

function staff(states: Readonly<Record<string, AgentRecord['state']>>) {
  const definition = definitionSchema.parse({
    name: 'Code',
    coordinator: { name: 'lead' },
    agents: [{ name: 'a', capabilities: ['go'] }, { name: 'b' }],
  })
  const agents = new Map(
    Object.entries(states).map(([address, state]) => [address, { address, state, desired: 'running' } as AgentRecord]),
  )
  return { agents, definitions: new Map([['Code', definition]]) }
}
const told = (
  of: ReturnType<typeof task>,
  states: Readonly<Record<string, AgentRecord['state']>> = { 'Code/a': 'ready', 'Code/b': 'ready' },
) => taskFindings([of], staff(states), NOW)[0]?.what.replace(/^task \S+ \S+ /, '')

it('R-TSK-3 a task that somebody can take is no finding, nor one that has just become ready', () => {
  expect(told(task('ready', { needs: ['go'] }))).toBeUndefined()
  expect(told(task('ready', { assignee: 'Code/b' }))).toBeUndefined()
  expect(told(task('ready', { assignee: 'human' }))).toBeUndefined()
  expect(told(task('ready', { assignee: 'Gone/a', since: NOW - 1000 }))).toBeUndefined()
  expect(told(task('running'))).toBeUndefined()
})

it('R-TSK-3 a task that nobody can take says why', () => {
  expect(told(task('ready', { assignee: 'Gone/a' }))).toBe('is ready, and Gone/a, who is to do it, is not there')
  expect(told(task('ready', { assignee: 'Code/a' }), { 'Code/a': 'dead' })).toBe(
    'is ready, and Code/a, who is to do it, is dead and takes no work',
  )
  expect(told(task('ready', { needs: ['cobol'] }))).toBe('is ready, and no specialist of Code has cobol')
  expect(told(task('ready', { needs: ['go'] }), { 'Code/a': 'stopped', 'Code/b': 'ready' })).toBe(
    'is ready, and nobody of Code who has go takes work just now',
  )
})

it('R-TSK-1 a task that waits for an answer, or for what will not come, says so', () => {
  expect(told(task('awaiting-input', { reason: 'which port?' }))).toBe('waits for an answer of human: which port?')
  expect(told(task('blocked', { reason: 'what it needs did not succeed: TASK-001 failed' }))).toBe(
    'cannot begin: what it needs did not succeed: TASK-001 failed',
  )
})

it('R-TSK-3 many tasks that wait for the same do not bury the rest', () => {
  const many = Array.from({ length: 1000 }, () => task('ready', { needs: ['cobol'] }))
  const found = taskFindings(many, staff({ 'Code/a': 'ready' }), NOW)
  expect(found).toHaveLength(21)
  expect(found.at(-1)?.what).toBe('980 more tasks cannot go on')
})
