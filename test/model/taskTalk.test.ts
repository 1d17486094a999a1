import { describe, expect, it } from 'vitest'
import { newId } from '../../src/kernel/ids.ts'
import {
  isAnswer,
  readCoverage,
  readResult,
  readTaskText,
  readTestCounts,
  taskMeant,
} from '../../src/model/taskTalk.ts'
import { task } from './aTask.ts'

describe('what a message says of a task', () => {
  const one = task('running', { label: 'TASK-001', message: newId() })
  const two = task('running', { label: 'TASK-002', message: newId() })

  it('R-TSK-1 means the task that it answers, else its label, else the only one', () => {
    expect(taskMeant({ label: 'TASK-002', replyTo: one.message }, [one, two])).toBe(one)
    expect(taskMeant({ label: 'task-002', replyTo: undefined }, [one, two])).toBe(two)
    expect(taskMeant({ label: undefined, replyTo: undefined }, [one, two])).toBeUndefined()
    expect(taskMeant({ label: undefined, replyTo: newId() }, [two])).toBe(two)
  })

  it('R-TSK-1 means none when its label is of none', () => {
    expect(taskMeant({ label: 'TASK-009', replyTo: undefined }, [one])).toBeUndefined()
  })

  it('71: is an answer when it replies to the question, says that it answers, or bears the label; and nothing beside that is', () => {
    const is = (type: string, isReply: boolean, label?: string) => isAnswer({ type, label }, { task: one, isReply })
    for (const type of ['NOTE', 'COMPLETE', 'results', 'notice', 'alert'])
      expect([is(type, true), is(type, false)]).toEqual([true, false])
    for (const type of ['ANSWER', 'response']) expect([is(type, true), is(type, false)]).toEqual([true, true])
    for (const type of ['QUESTION', 'BLOCKED', 'STATUS', 'request', 'handoff'])
      expect([is(type, true), is(type, false)]).toEqual([false, false])
    for (const isReply of [true, false])
      expect([is('TASK', isReply, 'TASK-001'), is('TASK', isReply, 'TASK-002'), is('TASK', isReply)]).toEqual([
        true,
        false,
        false,
      ])
  })

  it('R-TSK-1 has a title and a body', () => {
    expect(readTaskText('TASK-042: add a page\nwith a title\n')).toEqual({ title: 'add a page', body: 'with a title' })
    expect(readTaskText('TASK: add a page')).toEqual({ title: 'add a page', body: '' })
    const long = readTaskText(`TASK-1: ${'x'.repeat(300)}`)
    expect(long.title).toHaveLength(200)
    expect(long.body).toBe('x'.repeat(300))
  })

  it('R-TSK-4 names commits, and nothing that only looks like one', () => {
    expect(readResult('COMPLETE a: TASK-1: done, commit 1a2b3c4').commits).toEqual(['1a2b3c4'])
    expect(readResult('commits 1a2b3c4, 5d6e7f8a and 1a2b3c4').commits).toEqual(['1a2b3c4', '5d6e7f8a'])
    expect(readResult('I am fully committed to accede. 1234567 lines').commits).toEqual([])
  })
})

describe('what a test runner printed', () => {
  it.each([
    ['node:test', 'ℹ tests 5\nℹ pass 4\nℹ fail 1\n', { passed: 4, failed: 1 }],
    ['TAP', '# tests 5\n# pass 5\n# fail 0\n', { passed: 5, failed: 0 }],
    ['vitest', ' Test Files  1 passed (1)\n      Tests  14 passed | 2 skipped (16)\n', { passed: 14, failed: 0 }],
    [
      'vitest in color',
      ' \u001b[2m     Tests \u001b[22m \u001b[31m1 failed\u001b[39m | \u001b[32m13 passed\u001b[39m (14)\n',
      { passed: 13, failed: 1 },
    ],
    ['jest', 'Tests:       1 failed, 14 passed, 15 total\n', { passed: 14, failed: 1 }],
    ['pytest', '========= 2 failed, 3 passed in 0.12s =========\n', { passed: 3, failed: 2 }],
    ['pytest -q', '= 3 passed in 0.12s =\n', { passed: 3, failed: 0 }],
    ['go', '--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.00s)\n', { passed: 1, failed: 1 }],
    ['nothing', 'built in 3 s\n', undefined],
  ])('R-TSK-6 is counted: %s', (_, output, counts) => {
    expect(readTestCounts(output)).toEqual(counts)
  })

  it.each([
    ['Istanbul', 'File | % Stmts | % Branch | % Funcs | % Lines |\nAll files | 90 | 80 | 70.5 | 95.25 |\n', 95.25],
    ['coverage.py', 'TOTAL      120     12    90%\n', 90],
    ['go', 'coverage: 81.5% of statements\n', 81.5],
    ['node:test', '# all files     |  88.20 |    76.92 |   84.00 |\n', 88.2],
    ['nothing', 'ok\n', undefined],
  ])('R-TSK-6 tells coverage: %s', (_, output, share) => {
    expect(readCoverage(output)).toBe(share)
  })
})

it('R-TSK-4 reads an output of any shape in a moment', () => {
  const begun = performance.now()
  for (const output of ['\n'.repeat(256_000), ' \n'.repeat(128_000), `TOTAL ${'1'.repeat(256_000)}`]) {
    expect(readTestCounts(output)).toBeUndefined()
    expect(readCoverage(output)).toBeUndefined()
  }
  expect(performance.now() - begun).toBeLessThan(1000)
})
