import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { beganWhenWritten, endFamily, familyOf } from '../../src/supervisor/family.ts'
import { type Process, readProcesses, sharedOutMemory } from '../../src/supervisor/processTable.ts'

let folder: string
const started: ChildProcess[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agency-family-'))
})
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

function run(script: string, agent: string | undefined): ChildProcess {
  const env = { PATH: process.env.PATH, RUN: folder, ...(agent ? { AGENCY_AGENT: agent } : {}) }
  const child = spawn('sh', ['-c', script], { env, stdio: 'ignore' })
  started.push(child)
  return child
}

async function pidIn(file: string): Promise<number> {
  const read = async () => Number(await readFile(join(folder, file), 'utf8').catch(() => '')) || undefined
  return (await until(read, { timeoutMs: 5000, everyMs: 10 }))!
}

const isThere = async (pid: number) => (await readProcesses()).has(pid)

it('R-TSK-3 a process’s memory, time and age are told as they are', async () => {
  const child = run('i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; exec sleep 1000', 'Duo/a')
  await once(child, 'spawn')
  const seen = await until(
    async () => {
      const found = (await readProcesses()).get(child.pid!)
      return found && found.cpuMs > 50 ? found : undefined
    },
    { timeoutMs: 15_000, everyMs: 50 },
  )
  expect(seen).toMatchObject({ parent: process.pid })
  expect(seen!.memoryBytes).toBeGreaterThan(200_000)
  expect(seen!.ageMs).toBeGreaterThan(0)
  expect(seen!.ageMs).toBeLessThan(20_000)
  const shared = sharedOutMemory([child.pid!])
  if (process.platform === 'linux') expect(shared).toBeLessThanOrEqual(seen!.memoryBytes)
})

it('R-TSK-3 what descends from the program or shares its pane’s session is of the family; the runner and its tools are not', () => {
  const entry = (pid: number, parent: number, session: number): Process => ({
    ...{ pid, parent, session, mark: `${pid}`, memoryBytes: 0, cpuMs: 0, ageMs: 0 },
  })
  const table = new Map(
    [
      entry(10, 1, 10), // runner
      entry(11, 10, 10), // program
      entry(12, 11, 10), // its child
      entry(13, 11, 13), // its child in a session of its own
      entry(14, 13, 13),
      entry(15, 1, 10), // orphan in the session
      entry(16, 15, 16), // and its child, which has left it
      entry(17, 10, 10), // the runner's own tool
      entry(18, 1, 18), // a daemon: whose it is cannot be told
      entry(process.pid, 11, 10), // ourselves, started from the agent's pane
    ].map(process => [process.pid, process]),
  )
  const pids = (program: number | undefined, runner: number | undefined) =>
    familyOf(table, { program, runner })
      .map(({ pid }) => pid)
      .sort((a, b) => a - b)
  expect(pids(11, 10)).toEqual([11, 12, 13, 14, 15, 16])
  // What the runner has started beside the program is a tool of its own, and so is what that has started.
  expect(pids(undefined, 10)).toEqual([12, 15, 16])
  expect(pids(11, undefined)).toEqual([11, 12, 13, 14])
  expect(pids(99, undefined)).toEqual([])
})

it('R-TSK-3 a family is ended to its last member, deaf ones included', async () => {
  const script = `sh -c 'trap "" TERM; echo $$ >"$RUN/deaf"; while :; do sleep 1; done' & echo $$ >"$RUN/pid"; wait`
  const child = run(script, 'Duo/a')
  const deaf = await pidIn('deaf')
  await endFamily({ address: 'Duo/a', runFolder: folder, program: child.pid, runner: undefined }, 300)
  expect([await isThere(child.pid!), await isThere(deaf)]).toEqual([false, false])
})

it('R-TSK-3 numbers that a stranger has by now are left alone, as program and as runner', async () => {
  for (const owner of [undefined, 'Other/a']) {
    const stranger = run('exec sleep 1000', owner)
    await once(stranger, 'spawn')
    await until(() => isThere(stranger.pid!), { timeoutMs: 5000, everyMs: 20 })
    const { session } = (await readProcesses()).get(stranger.pid!)!
    await endFamily({ address: 'Duo/a', runFolder: folder, program: stranger.pid, runner: stranger.pid }, 200)
    await endFamily({ address: 'Duo/a', runFolder: folder, program: undefined, runner: session }, 200)
    expect(await isThere(stranger.pid!)).toBe(true)
  }
})

it('R-TSK-3 where no environment is told, a process has to have begun when it wrote its number down', async () => {
  const child = run('echo $$ >"$RUN/pid"; exec sleep 1000', undefined)
  await pidIn('pid')
  const file = join(folder, 'pid')
  expect(await beganWhenWritten(child.pid!, file)).toBe(true)
  await utimes(file, new Date(), new Date(Date.now() - 3_600_000))
  expect(await beganWhenWritten(child.pid!, file)).toBe(false)
  await writeFile(file, '')
  expect(await beganWhenWritten(2 ** 22 + 1, file)).toBe(false)
})
