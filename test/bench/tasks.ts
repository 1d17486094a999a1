/** Tasks: a hundred that depend on each other through ten agents, and the claim of the next one however many wait. */
import { chmod, writeFile } from 'node:fs/promises'
import { until } from '../../src/kernel/abort.ts'
import { newId } from '../../src/kernel/ids.ts'
import { Workbench } from '../e2e/workbench.ts'
import { newTask } from '../storage/tasks.suite.ts'
import { createAgency, openClient } from './agents.ts'
import { withDisk } from './disk.ts'
import { factor, inTurns, ms, type Row } from './measure.ts'

const AGENTS = 10
const LAYERS = 10
const CLAIMS = 1000

export async function tasks(): Promise<readonly Row[]> {
  return [await throughAgents(), ...(await claims())]
}

const WORKER = `import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line)
  const label = /TASK-\\w+/.exec(message.body)?.[0]
  process.stdout.write(JSON.stringify(message.type === 'TASK' ? { reply: message.id, body: 'COMPLETE me: ' + label + ': done' } : { confirm: message.id }) + '\\n')
}
`

/** Ten layers of ten; each task waits for two of the layer before. The agents answer at once, so that what is measured is ours. */
async function throughAgents(): Promise<Row> {
  await using bench = await Workbench.open()
  await writeFile(bench.file('worker.mjs'), WORKER)
  const start = bench.file('worker')
  await writeFile(start, `#!/bin/sh\nexec '${process.execPath}' '${bench.file('worker.mjs')}'\n`)
  await chmod(start, 0o755)
  const agents = Array.from({ length: AGENTS }, (_, index) => ({
    name: `a${index}`,
    driver: 'script',
    command: [start],
  }))
  await createAgency(bench, 'Crew', agents)
  for (const { name } of agents) await bench.whenAgent(`Crew/${name}`, 'ready')
  const client = await openClient(bench)
  const drafts = Array.from({ length: LAYERS * AGENTS }, (_, index) => {
    const [layer, place] = [Math.floor(index / AGENTS), index % AGENTS]
    const before = layer === 0 ? [] : [place, (place + 1) % AGENTS].map(each => `t${(layer - 1) * AGENTS + each}`)
    return { key: `t${index}`, title: `Task ${index}`, to: `Crew/a${place}`, after: before.map(task => ({ task })) }
  })
  const begun = performance.now()
  await client.send('POST', '/v1/tasks', { tasks: drafts })
  const isDone = async () =>
    ((await client.get('/v1/tasks', { state: 'succeeded', limit: 1000 })) as { tasks: unknown[] }).tasks.length ===
    drafts.length
  if (!(await until(isDone, { timeoutMs: 60_000, everyMs: 20 })))
    throw new Error('a hundred tasks were not done within a minute')
  return {
    what: '100 tasks with dependencies through 10 script agents',
    aim: '≤ 1 s (required < 60 s)',
    measured: ms(performance.now() - begun),
  }
}

function claims(): Promise<readonly Row[]> {
  return withDisk(async ({ store, sync }) => {
    const rows: Row[] = []
    let waiting = 0
    for (const most of [100, 10_000, 100_000]) {
      for (; waiting < most + CLAIMS; waiting += 1000)
        await store.changeTasks(
          Array.from({ length: 1000 }, (_, index) => ({
            add: newTask({ id: newId(), label: `TASK-B${waiting + index}`, needs: [['go', 'js', 'py'][index % 3]!] }),
          })),
        )
      const claim = () =>
        store.claimTask({
          claimant: 'Code/a',
          queues: ['Code/a', 'Code', '*'],
          capabilities: ['go', 'py'],
          at: Date.now(),
          leaseUntil: Date.now() + 30_000,
        })
      const [{ p50, p99 }, disk] = await inTurns(CLAIMS, claim, sync)
      waiting -= CLAIMS
      rows.push({
        what: `claim of the next task, ${waiting.toLocaleString('en')} waiting, p99`,
        aim: '≤ 2 ms, flat',
        measured: `${ms(p99)} (p50 ${ms(p50)})`,
        yardstick: `fdatasync of 4 KB, p99 ${ms(disk.p99)}`,
        ratio: factor(p99 / disk.p99),
      })
    }
    return rows
  })
}
