import { execa } from 'execa'
import { expect, it } from 'vitest'
import { endAfter } from '../../src/kernel/process.ts'

it('R-TSK-3 a command that takes too long ends with what it has started and what holds its output open', async () => {
  const running = execa('/bin/sh', ['-c', 'sleep 100 & sleep 100'], { detached: true, reject: false })
  const limit = endAfter(running, 200)
  expect((await running).signal).toBe('SIGKILL')
  expect(limit.isOver()).toBe(true)
  const quick = execa('/bin/sh', ['-c', 'echo done'], { detached: true })
  const other = endAfter(quick, 10_000)
  expect((await quick).stdout).toBe('done')
  expect(other.isOver()).toBe(false)
  other.clear()
})
