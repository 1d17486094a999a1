/** How fast a death is answered, and how fast a status of a hundred agents is told. */
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { Workbench } from '../e2e/workbench.ts'
import { createAgency, openClient, writeScript } from './agents.ts'
import { factor, inTurns, ms, type Row, spread, times } from './measure.ts'

const KILLS = 20
const AGENCIES = 4
const SPECIALISTS = 24

export async function supervision(): Promise<readonly Row[]> {
  await using bench = await Workbench.open()
  const command = await writeScript(bench)
  const agents = Array.from({ length: SPECIALISTS }, (_, index) => ({
    name: `a${index}`,
    driver: index % 2 === 0 ? 'script' : 'shell',
    command,
  }))
  for (let index = 0; index < AGENCIES; index++) await createAgency(bench, `Many${index}`, agents)
  const victims = Array.from(
    { length: KILLS },
    (_, index) => `Many${index % AGENCIES}/a${2 * Math.floor(index / AGENCIES)}`,
  )
  const restarts = spread(await restartTimes(bench, victims))
  const client = await openClient(bench)
  const inside = spread(await times(200, () => client.get('/v1/status')))
  const status = () =>
    void execFileSync(process.execPath, [join(packageRoot, 'bin', 'agency.js'), 'status'], {
      env: bench.environment() as NodeJS.ProcessEnv,
      cwd: bench.root,
    })
  const [whole, node] = await inTurns(25, status, () => execFileSync(process.execPath, ['-e', '0']))
  return [
    {
      what: 'agent killed → its first restart begun, among 100 agents, p95',
      aim: '≤ 1 s',
      measured: `${ms(restarts.p95)} (p50 ${ms(restarts.p50)}, p99 ${ms(restarts.p99)})`,
    },
    {
      what: 'status of 100 agents, inside the daemon and over its socket, p95',
      aim: '≤ 20 ms',
      measured: `${ms(inside.p95)} (p50 ${ms(inside.p50)}, p99 ${ms(inside.p99)})`,
    },
    {
      what: 'agency status of 100 agents, whole command, median',
      aim: '≤ 2 ×',
      measured: ms(whole.p50),
      yardstick: `node -e 0 ${ms(node.p50)}`,
      ratio: factor(whole.p50 / node.p50),
    },
  ]
}

/** From the signal to the first command of the next start, each agent once: its first death. */
async function restartTimes(bench: Workbench, victims: readonly string[]): Promise<number[]> {
  const found: number[] = []
  for (const address of victims) {
    const file = bench.file('registry', 'run', address, 'pid')
    const pid = async () => Number((await readFile(file, 'utf8').catch(() => '')).split(' ')[0]) || 0
    const before = await pid()
    const began = performance.now()
    process.kill(before, 'SIGKILL')
    const isBack = async () => ![0, before].includes(await pid())
    if (!(await until(isBack, { timeoutMs: 20_000, everyMs: 2 }))) throw new Error(`${address} was not started again`)
    found.push(performance.now() - began)
  }
  return found
}
