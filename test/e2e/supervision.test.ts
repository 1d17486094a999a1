import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { isRunning } from '../../src/kernel/process.ts'
import { createWild, runFile, whenAgent } from './wildAgents.ts'
import { Workbench } from './workbench.ts'

let bench: Workbench
let tame: { pid: number }

const STAY = 'exec tail -f /dev/null'

beforeAll(async () => {
  const settings = 'supervision:\n  backoffBase: 0.2\n  quarantineDeaths: 3\n'
  bench = await Workbench.open({ settings })
  await createWild(bench, 'Tame', { a: {} })
  tame = await whenAgent(bench, 'Tame/a', ({ state }) => state === 'ready')
}, 60_000)

afterAll(async () => {
  // Whatever the others did, nobody else was touched.
  const now = await bench?.agent('Tame/a')
  await bench?.[Symbol.asyncDispose]()
  expect(now).toMatchObject({ pid: tame.pid, state: 'ready' })
})

const number = async (address: string, file: string) => Number((await runFile(bench, address, file)).trim())
const whenNumber = async (address: string, file: string) => {
  await until(async () => (await number(address, file)) > 0, { timeoutMs: 10_000, everyMs: 20 })
  return number(address, file)
}

it('R-TSK-3 kill -9 of an agent is seen and answered at once; its neighbours live on', async () => {
  await createWild(bench, 'Frail', { a: {}, b: {} })
  const [a, b] = [
    await whenAgent(bench, 'Frail/a', ({ pid }) => pid),
    await whenAgent(bench, 'Frail/b', ({ pid }) => pid),
  ]
  process.kill(a.pid, 'SIGKILL')
  const file = bench.file('registry', 'run', 'Frail', 'a', 'starts')
  const isBack = async () => (await readFile(file, 'utf8')).split('\n').filter(Boolean).length === 2
  expect(await until(isBack, { timeoutMs: 5000, everyMs: 10 })).toBe(true)
  const now = await whenAgent(bench, 'Frail/a', ({ pid, state }) => pid && pid !== a.pid && state === 'ready')
  expect(now.holds).toEqual([])
  expect(await bench.agent('Frail/b')).toMatchObject({ pid: b.pid, since: b.since })
})

it('R-TSK-3 an agent that exits at once is quarantined, everybody says so, and restart clears it', async () => {
  await createWild(bench, 'Crash', { a: { does: 'exit 3' }, b: {} })
  const [dead, b] = [
    await whenAgent(bench, 'Crash/a', ({ holds }) =>
      holds.some(({ kind }: { kind: string }) => kind === 'quarantined'),
    ),
    await bench.agent('Crash/b'),
  ]
  expect(dead).toMatchObject({ state: 'dead', isDeathCertain: true, evidence: 'it ended with status 3' })
  const [hold] = dead.holds
  expect(hold.why).toBe('3 deaths in ten minutes, the last: it ended with status 3')
  expect(Date.parse(hold.until) - Date.parse(hold.at)).toBe(600_000)
  expect((await bench.run(['status', 'Crash'])).stdout).toMatch(/a +dead +.*quarantined until/)
  expect((await bench.run(['explain', 'Crash/a'])).stdout).toContain('agency restart Crash/a')
  const { findings } = (await bench.run(['doctor', '--json'])).json
  expect(findings).toContainEqual(expect.objectContaining({ hint: expect.stringContaining('agency restart Crash/a') }))
  const held = await bench.ok(['send', 'Crash/a', 'anybody there'])
  expect((await bench.whenDelivery(held.id, 'Crash/a', 'held')).deliveries[0].reason).toContain('quarantined by system')

  const definition = JSON.parse(await bench.text('agencies', 'Crash', 'agency.json'))
  definition.agents[0].command = definition.agents[1].command
  await writeFile(bench.file('agencies', 'Crash', 'agency.json'), JSON.stringify(definition))
  await bench.ok(['restart', 'Crash/a'])
  expect(await whenAgent(bench, 'Crash/a', ({ state }) => state === 'ready')).toMatchObject({ holds: [] })
  await bench.whenDelivery(held.id, 'Crash/a', 'confirmed')
  expect(await bench.agent('Crash/b')).toMatchObject({ pid: b.pid })
})

it('R-TSK-3 what an agent forked and left behind is ended before its next start, and so is what ignores SIGTERM', async () => {
  // In a process group of its own, and deaf; its parent is gone, so that only the session tells whose it is.
  const file = bench.file('deaf.sh')
  await writeFile(file, `trap '' TERM HUP; echo $$ >"$AGENCY_RUN/orphan"; while :; do sleep 1; done`)
  const deaf = `sh -c 'set -m; sh ${file} & exit'; ${STAY}`
  await createWild(bench, 'Fork', { a: { does: deaf } })
  const orphan = await whenNumber('Fork/a', 'orphan')
  const { stdout: group } = await execa('ps', ['-o', 'pgid=', '-p', String(orphan)])
  expect(Number(group), 'it leads a group of its own').toBe(orphan)
  const { pid } = await whenAgent(bench, 'Fork/a', agent => agent.pid)
  process.kill(pid, 'SIGKILL')
  await whenAgent(bench, 'Fork/a', agent => agent.pid && agent.pid !== pid && agent.state === 'ready')
  expect(isRunning(orphan)).toBe(false)
  await until(async () => (await number('Fork/a', 'orphan')) !== orphan, { timeoutMs: 10_000, everyMs: 20 })
  const second = await number('Fork/a', 'orphan')
  expect(isRunning(second)).toBe(true)
  await bench.ok(['stop', 'Fork/a'])
  expect(isRunning(second)).toBe(false)
})

it('R-TSK-3 an agent that ignores SIGTERM is ended all the same', async () => {
  await createWild(bench, 'Deaf', { a: { does: 'trap "" TERM HUP; while :; do sleep 1; done' } })
  const { pid } = await whenAgent(bench, 'Deaf/a', agent => agent.pid)
  await bench.ok(['stop', 'Deaf/a'])
  expect(isRunning(pid)).toBe(false)
})

it('R-TSK-3 an agent that eats memory, its children counted, is ended for it and started again after a while', async () => {
  const eat = `${process.execPath} -e 'const all=[];setInterval(()=>all.length<40&&all.push(Buffer.alloc(8e6,1)),20)' & wait`
  await createWild(bench, 'Greedy', { a: { does: `echo x >>"$AGENCY_RUN/starts"; ${eat}` }, b: {} }, { memory: '150M' })
  const b = await whenAgent(bench, 'Greedy/b', ({ pid }) => pid)
  const isHeld = ({ holds }: { holds: { limit?: string }[] }) => holds.some(({ limit }) => limit === 'memory')
  await whenAgent(bench, 'Greedy/a', isHeld, 40_000)
  const ended = await whenAgent(bench, 'Greedy/a', ({ rule }) => rule === 'limit memory')
  expect(ended.evidence).toMatch(/^ended by us: memory \d+ MB of 150 MB used$/)
  const isBack = async () => (await runFile(bench, 'Greedy/a', 'starts')).length === 4
  expect(await until(isBack, { timeoutMs: 15_000, everyMs: 50 })).toBe(true)
  expect((await bench.run(['explain', 'Greedy/b'])).stdout).toMatch(/memory \d+ MB of 150 MB/)
  expect(await bench.agent('Greedy/b')).toMatchObject({ pid: b.pid })
  await bench.ok(['stop', 'Greedy'])
})

it('R-TSK-3 an agent that has used up its processor or running time is held until midnight, and that is no crash', async () => {
  await createWild(bench, 'Busy', {
    spin: { does: 'while :; do :; done', limits: { cpu: '2s' } },
    long: { does: STAY, limits: { wallClock: 3 } },
  })
  for (const [name, limit] of [
    ['spin', 'cpu'],
    ['long', 'wallClock'],
  ]) {
    const ended = await whenAgent(bench, `Busy/${name}`, ({ rule }) => rule === `limit ${limit}`, 30_000)
    const until = new Date(new Date().setHours(24, 0, 0, 0)).toISOString()
    expect(ended).toMatchObject({ state: 'dead', holds: [{ kind: 'limit', limit, until }] })
    const { agent } = (await bench.run(['explain', `Busy/${name}`, '--json'])).json
    expect(agent.deaths).toEqual([])
  }
  const before = await bench.agent('Busy/long')
  await bench.ok(['resume', 'Busy/long'])
  const again = await whenAgent(bench, 'Busy/long', ({ state }) => state === 'ready')
  expect(again.pid).not.toBe(before.pid)
  await bench.ok(['stop', 'Busy'])
})

it('R-TSK-3 a bad limit is refused with its place, and changes nothing', async () => {
  const file = bench.file('agencies', 'Tame', 'agency.json')
  const good = await readFile(file, 'utf8')
  const bad: readonly [limits: object, says: string][] = [
    [{ memory: '2 gigs' }, 'is no size'],
    [{ memory: 2048 }, 'write a size'],
    [{ cpu: 'two hours' }, 'is no time'],
    [{ messagesPerDay: 0 }, 'limits.messagesPerDay'],
    [{ mem: '2G' }, 'mem'],
  ]
  for (const [limits, says] of bad) {
    await writeFile(file, JSON.stringify({ ...JSON.parse(good), limits }, null, 2))
    const told = await until(
      async () => {
        const { agencies } = await bench.ok(['status'])
        return agencies.find(
          ({ name, problem }: { name: string; problem?: string }) => name === 'Tame' && problem?.includes(says),
        )
      },
      { timeoutMs: 10_000, everyMs: 50 },
    )
    expect([limits, told?.problem]).toEqual([limits, expect.stringMatching(/agency\.json:\d+:\d+ at limits/)])
  }
  await writeFile(file, good)
})

it('R-TSK-3 an agent that floods its screen or its output keeps nobody from their messages, and fills no memory', async () => {
  const words = 'a line that nobody reads'
  const output = `while :; do echo ${words}; done`
  await createWild(bench, 'Flood', { screen: { does: `yes ${words} >/dev/tty` }, output: { does: output }, b: {} })
  await whenAgent(bench, 'Flood/b', ({ state }) => state === 'ready')
  const daemon = await bench.daemonPid()
  const memory = async () => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${daemon}/status`, 'utf8'))?.[1] ?? 0)
  const before = await memory()
  for (let round = 0; round < 7; round++)
    await bench.ok(['send', 'Flood/b', `NOTE ${round}`, '--wait', 'confirmed', '--timeout', '10s'])
  expect((await memory()) - before).toBeLessThan(60_000)
  await bench.ok(['stop', 'Flood'])
}, 120_000)

it('R-TSK-3 R-AGY-5 after a restart of the machine numbers belong to strangers: up ends none of them', async () => {
  await createWild(bench, 'Reboot', { a: {} })
  const { pid } = await whenAgent(bench, 'Reboot/a', agent => agent.pid)
  await bench.ok(['stop', 'Reboot'])
  const stranger = spawn('sleep', ['1000'])
  await once(stranger, 'spawn')
  try {
    // What a machine that went down leaves behind, its numbers now a stranger's.
    const run = bench.file('registry', 'run', 'Reboot', 'a')
    const last = (await readFile(`${run}/ran`, 'utf8')).trim()
    await writeFile(`${run}/pid`, `${stranger.pid} ${last}\n`)
    await writeFile(`${run}/runner`, `${stranger.pid}\n`)
    await bench.ok(['up', 'Reboot'])
    const back = await whenAgent(bench, 'Reboot/a', agent => agent.state === 'ready')
    expect(back.pid).not.toBe(pid)
    expect(isRunning(stranger.pid!)).toBe(true)
    expect(stranger.signalCode).toBe(null)
  } finally {
    stranger.kill('SIGKILL')
  }
})
