import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { isRunning } from '../../src/kernel/process.ts'
import { checkOf } from '../../src/model/check.ts'
import { readTail, runChecks } from '../../src/tasks/checks.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agency-checks-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const run = (timeoutMs: number, ...commands: readonly string[]) =>
  runChecks(
    { folder, checks: commands.map(checkOf), logs: join(folder, 'logs'), timeoutMs, umask: 0o022, cage: [] },
    new AbortController().signal,
  )

const pidIn = async (name: string) => Number(await readFile(join(folder, name), 'utf8'))

it('R-TSK-4 a check ends with its command, whatever it leaves behind', async () => {
  const begun = performance.now()
  const [left] = await run(30_000, 'sleep 60 & echo $! >left; echo done')
  expect(left).toMatchObject({ status: 0 })
  const pid = await pidIn('left')
  expect(await until(() => !isRunning(pid), { timeoutMs: 2000 })).toBe(true)
  // What has made itself a session of its own is not reached; its hold of the output is let go.
  const [apart] = await run(
    30_000,
    'setsid sh -c "echo \\$\\$ >apart; exec sleep 60" & while [ ! -s apart ]; do :; done',
  )
  process.kill(await pidIn('apart'), 'SIGKILL')
  expect(apart).toMatchObject({ status: 0 })
  expect(performance.now() - begun).toBeLessThan(15_000)
})

it('R-TSK-4 a check that hangs is ended in its time, also when what it started has left its group', async () => {
  const [hung] = await run(500, 'setsid sh -c "echo \\$\\$ >apart; exec sleep 60" & sleep 60')
  expect(hung).toMatchObject({ status: undefined })
  process.kill(await pidIn('apart'), 'SIGKILL')
})

it('R-TSK-4 of a very long output the end is kept, which tells', async () => {
  const [long] = await run(
    60_000,
    'yes "a line of a check" | head -c 60000000; echo; echo "# pass 41"; echo "# fail 1"; exit 3',
  )
  expect(long).toMatchObject({ status: 3, tests: { passed: 41, failed: 1 } })
  expect(await readTail(long!.log, 100)).toMatch(/# pass 41\n# fail 1\n$/)
  expect((await readFile(long!.log)).length).toBeLessThan(21_000_000)
})

it('R-TSK-4 a log that takes nothing does not end the daemon', async () => {
  await mkdir(join(folder, 'logs'))
  await symlink('/dev/full', join(folder, 'logs', '1.log'))
  const [ran] = await run(30_000, 'for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.1; done')
  expect(ran).toMatchObject({ status: 0 })
})
