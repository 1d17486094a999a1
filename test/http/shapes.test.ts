import { expect, it } from 'vitest'
import { showListedTask, showTask } from '../../src/http/shapes.ts'
import { task } from '../model/aTask.ts'

it('R-TSK-2 a list of tasks holds the beginning of each body and a few failures, whatever they are', () => {
  const failures = Array.from({ length: 100 }, (_, at) => ({ name: `test ${at}`, message: 'x'.repeat(2_000) }))
  const run = { command: 'npm test', status: 1, seconds: 1, log: '/log', tests: undefined, coverage: undefined }
  const evidence = { at: 1, commit: undefined, ahead: 0, files: [], problems: [], checks: [{ ...run, failures }, run] }
  const big = task('failed', { body: 'b'.repeat(100_000), evidence })
  const listed = showListedTask(big)
  expect(listed).toMatchObject({ isBodyCut: true, state: 'failed', label: big.label })
  expect(listed.body).toHaveLength(1_001)
  expect(listed.evidence?.checks?.map(({ failures }) => failures?.length)).toEqual([3, undefined])
  expect(JSON.stringify(listed).length).toBeLessThan(10_000)
  // What is small is as it is with the task itself.
  const small = task('ready', { body: 'a thing' })
  expect(showListedTask(small)).toEqual(showTask(small))
})
