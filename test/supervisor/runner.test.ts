import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { observeRun, order, type StartPlan, writeStart } from '../../src/supervisor/runFolder.ts'
import { privateTmux } from '../terminal/privateTmux.ts'

const runner = join(packageRoot, 'bin', 'runner.sh')

/** A runner in a pane of its own; its program writes a line into `starts` and stays until the file `go` is there. */
async function runnerIn(folder: string, instance: number) {
  const program = 'echo "$NUMBER" >>"$RUN/starts"; until [ -e "$RUN/go" ]; do sleep 0.05; done; rm "$RUN/go"'
  const plan = (number: number): StartPlan => ({
    launch: {
      argv: ['/bin/sh', '-c', program],
      env: {},
      unset: [],
      files: {},
      overlay: undefined,
      isolated: undefined,
    },
    workdir: folder,
    instance: number,
    umask: 0o022,
    env: { RUN: folder, NUMBER: String(number) },
    isPiped: false,
    ask: undefined,
  })
  await writeStart(folder, plan(instance))
  return {
    prepare: (number: number) => writeStart(folder, plan(number)),
    starts: async () => (await readFile(join(folder, 'starts'), 'utf8').catch(() => '')).split('\n').filter(Boolean),
    /** Lets the program end, and waits for what its runner writes down of it. */
    async end(number: number) {
      await writeFile(join(folder, 'go'), '')
      await until(async () => (await observeRun(folder)).exit?.instance === number, { timeoutMs: 5000 })
      expect((await observeRun(folder)).exit).toEqual({ status: 0, instance: number })
    },
    async whenStarted(...numbers: readonly string[]) {
      await until(async () => (await this.starts()).length >= numbers.length, { timeoutMs: 5000 })
      expect(await this.starts()).toEqual(numbers)
    },
  }
}

it('R-AGY-4 an order that comes twice starts the program once, while it runs and after its end', async () => {
  const { folder, cli } = await privateTmux()
  const run = await runnerIn(folder, 1)
  await cli('new-session', '-d', '-s', 'runner', 'sh', runner, folder)
  await run.whenStarted('1')
  expect(await order(folder, 'start 1')).toBe(true)
  await run.end(1)
  expect(await order(folder, 'start 1')).toBe(true)
  await run.prepare(2)
  for (const _ of [1, 2]) await order(folder, 'start 2')
  await run.whenStarted('1', '2')
  await run.end(2)
  // Orders are taken one after the other: once this start is there, none of those before it was taken for another.
  await run.prepare(3)
  await order(folder, 'start 3')
  await run.whenStarted('1', '2', '3')
})

it('R-AGY-4 a runner that is begun anew in its pane does not pass for the start that another has run', async () => {
  const { folder, cli } = await privateTmux()
  const run = await runnerIn(folder, 7)
  await cli('new-session', '-d', '-s', 'runner', 'sh', runner, folder)
  await run.whenStarted('7')
  const before = await observeRun(folder)
  await cli('respawn-pane', '-k', '-t', '=runner:')
  const isAnew = async () => {
    const { runnerPid, exit } = await observeRun(folder)
    return exit !== undefined && runnerPid !== undefined && runnerPid !== before.runnerPid
  }
  await until(isAnew, { timeoutMs: 5000 })
  const after = await observeRun(folder)
  expect(after.runnerPid).not.toBe(before.runnerPid)
  expect(after.exit, 'nobody saw how it ended').toEqual({ status: -1, instance: 7 })
  expect(after.program?.pid, 'kept, for whoever has to end it').toBe(before.program?.pid)
  expect(await run.starts()).toEqual(['7'])
  await run.prepare(8)
  // Its pipe is made a moment after the end is told.
  expect(await until(() => order(folder, 'start 8'), { timeoutMs: 5000 })).toBe(true)
  await run.whenStarted('7', '8')
  await run.end(8)
  // Begun anew after the program had ended, it keeps what is known of that.
  await cli('respawn-pane', '-k', '-t', '=runner:')
  await until(async () => (await observeRun(folder)).runnerPid !== after.runnerPid, { timeoutMs: 5000 })
  expect((await observeRun(folder)).exit).toEqual({ status: 0, instance: 8 })
})

it('R-TSK-3 what a killed wrapper leaves behind is ended before its end is told', async () => {
  const { folder, cli } = await privateTmux()
  const wrapper = 'sleep 1000 & echo $! >"$RUN/child.tmp" && mv "$RUN/child.tmp" "$RUN/child"; wait'
  await writeStart(folder, {
    launch: {
      argv: ['/bin/sh', '-c', wrapper],
      env: {},
      unset: [],
      files: {},
      overlay: undefined,
      isolated: undefined,
    },
    workdir: folder,
    instance: 1,
    umask: 0o022,
    env: { RUN: folder },
    isPiped: false,
    ask: undefined,
  })
  await cli('new-session', '-d', '-s', 'runner', 'sh', runner, folder)
  const childFile = () => readFile(join(folder, 'child'), 'utf8').catch(() => undefined)
  const child = Number(await until(childFile, { timeoutMs: 5000 }))
  const { program } = await observeRun(folder)
  process.kill(program!.pid, 'SIGKILL')
  await until(async () => (await observeRun(folder)).exit !== undefined, { timeoutMs: 8000 })
  expect((await observeRun(folder)).exit).toEqual({ status: 137, instance: 1 })
  expect(await isRunning(child)).toBe(false)
})

/** Gone, or a zombie that nobody has looked after: either way nothing of it runs. */
async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z')
}
