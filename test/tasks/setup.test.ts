import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { isRunning } from '../../src/kernel/process.ts'
import { runSetup } from '../../src/worktrees/setup.ts'

async function place() {
  const folder = await mkdtemp(join(tmpdir(), 'agency-setup-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const logFile = join(folder, 'setup.log')
  const run = (command: string, timeoutMs: number) =>
    runSetup({ command, folder, logFile, timeoutMs, umask: 0o022, cage: [] })
  const pidIn = async (name: string) => Number(await readFile(join(folder, name), 'utf8'))
  return { run, logFile, pidIn }
}

it('R-AGY-6 a setup ends with its command, whatever it leaves behind, and in its time', async () => {
  const { run, pidIn, logFile } = await place()
  expect(await run('sleep 60 & echo $! >left; echo done', 20_000)).toBeUndefined()
  const left = await pidIn('left')
  expect(await until(() => !isRunning(left), { timeoutMs: 2_000 })).toBe(true)
  expect(await readFile(logFile, 'utf8')).toBe('done\n')
  // What has made itself a session of its own is not reached; its hold of the output is let go.
  const apart = 'setsid sh -c "echo \\$\\$ >apart; exec sleep 60" & while [ ! -s apart ]; do :; done'
  expect(await run(apart, 20_000)).toBeUndefined()
  process.kill(await pidIn('apart'), 'SIGKILL')
  expect(await run(`rm apart; ${apart}; sleep 60`, 1_000)).toMatch(/not done within 1 s/)
  process.kill(await pidIn('apart'), 'SIGKILL')
  expect(await run('exit 3', 20_000)).toMatch(/ended with 3/)
}, 15_000)

it('R-AGY-6 a log that takes nothing does not end the daemon', async () => {
  const { run, logFile } = await place()
  await symlink('/dev/full', logFile)
  expect(await run('echo something', 20_000)).toBeUndefined()
})
