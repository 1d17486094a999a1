import { writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { asAgent, createTeam, got } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

const as = (bench: Workbench, agent: string) => asAgent(bench, `Duo/${agent}`)

async function duo(): Promise<Workbench> {
  const bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a', 'b', 'c'] })
  return bench
}

/** Until so many locks are in this state. */
async function whenLocks(bench: Workbench, state: string, count: number): Promise<void> {
  const found = await until(
    async () =>
      (await bench.ok(['lock'])).locks.filter((lock: { state: string }) => lock.state === state).length === count,
    { timeoutMs: 10_000, everyMs: 50 },
  )
  if (!found) throw new Error(`there are not ${count} ${state}: ${JSON.stringify(await bench.ok(['lock']))}`)
}

it('R-LCK-1 R-LCK-2 agents take and give back as themselves; who comes second is told whose it is, until when, and what to type', async () => {
  await using bench = await duo()
  const taken = await bench.ok(
    ['lock', 'acquire', 'src/', 'name:deploy', '--ttl', '10m', '--why', 'TASK-042\nof today'],
    as(bench, 'a'),
  )
  expect(taken).toMatchObject({ owner: 'Duo/a', mode: 'exclusive', state: 'held', fence: 1, why: 'TASK-042 of today' })
  const second = await bench.run(['lock', 'acquire', 'src/x.ts', '--ttl', '5m'], as(bench, 'b'))
  expect(second.code).toBe(4)
  expect(second.stderr).toMatch(
    /src\/x\.ts is held by Duo\/a \(exclusive\) for 10 min more, until \d\d:\d\d:\d\d: "TASK-042 of today"/,
  )
  expect(second.stderr).toMatch(/\[HELD\]\ntry {4}wait for it: add --wait 60s; or ask: agency send Duo\/a "…"/)
  const listed = await bench.run(['lock', 'list'])
  expect(listed.stdout).toMatch(/held +Duo\/a +exclusive +\S+src\/ name:deploy +\d+ s +in 10 min +1 +TASK-042 of today/)
  // Nobody for another: neither an agent nor, but for breaking it, the person.
  const id = taken.id.slice(-8)
  for (const verb of [
    ['release', id],
    ['extend', id, '--ttl', '1h'],
  ])
    for (const who of [as(bench, 'b'), {}]) expect(await bench.run(['lock', ...verb], who)).toMatchObject({ code: 5 })
  expect(await bench.run(['lock', 'break', id, '--reason', 'mine'], as(bench, 'b'))).toMatchObject({ code: 5 })
  const longer = await bench.ok(['lock', 'extend', id, '--ttl', '1h'], as(bench, 'a'))
  expect(longer).toMatchObject({ fence: 1, remainingMs: expect.closeTo(3_600_000, -4) })
  const again = await bench.ok(['lock', 'acquire', 'name:deploy', 'src/', '--ttl', '1m'], as(bench, 'a'))
  expect(again).toMatchObject({ id: taken.id, fence: 1, again: true, until: longer.until })
  await bench.ok(['lock', 'release', '--all'], as(bench, 'a'))
  expect((await bench.run(['lock'])).stdout).toBe('nothing is locked')
  expect(await bench.ok(['lock', 'acquire', 'src/x.ts', '--ttl', '5m'], as(bench, 'b'))).toMatchObject({ fence: 2 })
}, 60_000)

it('R-LCK-2 who waits is served in the order of asking, a reader behind a writer; a wait has its bound', async () => {
  await using bench = await duo()
  const acquire = (agent: string, ...more: readonly string[]) =>
    bench.run(['lock', 'acquire', 'name:x', '--ttl', '5m', '--json', ...more], as(bench, agent))
  await acquire('a', '--shared')
  const writer = acquire('b', '--wait', '20s')
  await whenLocks(bench, 'waiting', 1)
  expect(await acquire('c', '--shared')).toMatchObject({ code: 4 })
  const reader = acquire('c', '--shared', '--wait', '20s')
  await whenLocks(bench, 'waiting', 2)
  const spent = await bench.run(['lock', 'acquire', 'name:x', '--ttl', '5m', '--wait', '300ms'])
  expect(spent).toMatchObject({ code: 7 })
  expect(spent.stderr).toMatch(/not granted within 0\.3 s: name:x is held by Duo\/a \(shared\).*\[TIMED_OUT\]/)
  await bench.ok(['lock', 'release', '--all'], as(bench, 'a'))
  expect((await writer).json).toMatchObject({ owner: 'Duo/b', state: 'held' })
  expect((await bench.ok(['lock'])).locks).toMatchObject([
    { owner: 'Duo/b', state: 'held' },
    { owner: 'Duo/c', state: 'waiting' },
  ])
  await bench.ok(['lock', 'release', 'name:x'], as(bench, 'b'))
  expect((await reader).json).toMatchObject({ owner: 'Duo/c', mode: 'shared', state: 'held' })
}, 60_000)

it('R-LCK-2 who would close a circle is told all of it, and nobody else is refused', async () => {
  await using bench = await duo()
  for (const agent of ['a', 'b', 'c'])
    await bench.ok(['lock', 'acquire', `name:${agent}`, '--ttl', '5m'], as(bench, agent))
  const wait = (agent: string, name: string) =>
    bench.run(['lock', 'acquire', `name:${name}`, '--ttl', '5m', '--wait', '20s', '--json'], as(bench, agent))
  const first = wait('a', 'b')
  await whenLocks(bench, 'waiting', 1)
  const second = wait('b', 'c')
  await whenLocks(bench, 'waiting', 2)
  const victim = await wait('c', 'a')
  expect(victim).toMatchObject({ code: 4, json: { error: { code: 'CONFLICT' } } })
  expect(victim.json.error.message).toBe(
    'waiting for this would close a circle: Duo/c waits for Duo/a (name:a), Duo/a waits for Duo/b (name:b), Duo/b waits for Duo/c (name:c)',
  )
  await bench.ok(['lock', 'release', '--all'], as(bench, 'c'))
  expect(await second).toMatchObject({ code: 0 })
  await bench.ok(['lock', 'release', '--all'], as(bench, 'b'))
  expect(await first).toMatchObject({ code: 0 })
}, 60_000)

it('R-LCK-1 a lease is over by itself, cannot be extended then, and whoever waited has it', async () => {
  await using bench = await duo()
  const { id } = await bench.ok(['lock', 'acquire', 'name:x', '--ttl', '1s'], as(bench, 'a'))
  const next = await bench.ok(['lock', 'acquire', 'name:x', '--ttl', '5m', '--wait', '10s'], as(bench, 'b'))
  expect(next).toMatchObject({ owner: 'Duo/b', fence: 2 })
  const late = await bench.run(['lock', 'extend', id, '--ttl', '5m'], as(bench, 'a'))
  expect(late).toMatchObject({ code: 4 })
  expect(late.stderr).toMatch(/the lease \w{8} of Duo\/a is no more: expired .*\[CONFLICT\]\ntry {4}take it again/)
  expect(await bench.run(['lock', 'extend', id.slice(-8), '--ttl', '5m'], as(bench, 'a'))).toMatchObject({ code: 3 })
  // Fenced: who relied on the first lease may not write any more; who holds the second may.
  const check = (agent: string, fence: number) =>
    bench.run(['lock', 'check', 'name:x', '--fence', String(fence), '--json'], as(bench, agent))
  expect(await check('a', 1)).toMatchObject({
    code: 4,
    json: { clear: false, stale: ['name:x'], held: [{ on: 'name:x' }] },
  })
  expect(await check('b', 2)).toMatchObject({ code: 0, json: { clear: true } })
  expect(await check('b', 1)).toMatchObject({ code: 4, json: { clear: false, held: [] } })
}, 60_000)

it('R-LCK-1 the person breaks a lease with a reason: its owner is told, and it is on record', async () => {
  await using bench = await duo()
  const { id } = await bench.ok(['lock', 'acquire', 'name:x', '--ttl', '5m'], as(bench, 'a'))
  expect(await bench.run(['lock', 'break', id])).toMatchObject({ code: 2 })
  const broken = await bench.run(['lock', 'break', 'name:x', '--reason', 'it hangs'])
  expect(broken).toMatchObject({ code: 0 })
  const told = await until(
    async () =>
      (await got(bench, 'Duo/a')).find(message => message.body?.includes('Your lease on name:x was ended: it hangs')),
    { timeoutMs: 10_000, everyMs: 50 },
  )
  expect(told).toMatchObject({ from: 'human' })
  const extended = await bench.run(['lock', 'extend', id, '--ttl', '5m'], as(bench, 'a'))
  expect(extended.stderr).toContain('broken (it hangs)')
}, 60_000)

it('R-LCK-1 a lease outlives the daemon, killed at once; a wait does not, and the numbers go on', async () => {
  await using bench = await duo()
  const { id } = await bench.ok(['lock', 'acquire', 'name:x', '--ttl', '5m'], as(bench, 'a'))
  const waiting = bench.run(['lock', 'acquire', 'name:x', '--ttl', '5m', '--wait', '30s'], as(bench, 'b'))
  await whenLocks(bench, 'waiting', 1)
  process.kill(await bench.daemonPid(), 'SIGKILL')
  expect((await waiting).code).toBe(8)
  expect((await bench.ok(['lock'])).locks).toMatchObject([{ id, owner: 'Duo/a', state: 'held', fence: 1 }])
  expect(await bench.run(['lock', 'acquire', 'name:x', '--ttl', '5m'], as(bench, 'b'))).toMatchObject({ code: 4 })
  await bench.ok(['lock', 'release', id], as(bench, 'a'))
  expect(await bench.ok(['lock', 'acquire', 'name:x', '--ttl', '5m'], as(bench, 'b'))).toMatchObject({ fence: 2 })
}, 60_000)

it('R-LCK-2 who goes away while it waits, waits no more; what it would have had, the next one has', async () => {
  await using bench = await duo()
  await bench.ok(['lock', 'acquire', 'name:x', '--ttl', '5m'], as(bench, 'a'))
  const gone = bench.run(['lock', 'acquire', 'name:x', '--ttl', '5m', '--wait', '30s'], {
    ...as(bench, 'b'),
    timeoutMs: 1_500,
  })
  await whenLocks(bench, 'waiting', 1)
  await gone
  await whenLocks(bench, 'waiting', 0)
  await bench.ok(['lock', 'release', '--all'], as(bench, 'a'))
  expect((await bench.ok(['lock'])).locks).toEqual([])
}, 60_000)

it('R-LCK-1 what an agent holds ends when it is taken out; doctor tells of what is held by one that does not run', async () => {
  await using bench = await duo()
  await bench.ok(['lock', 'acquire', 'name:x', '--ttl', '5m'], as(bench, 'c'))
  await bench.ok(['stop', 'Duo/c'])
  const { findings } = await bench.ok(['doctor'])
  expect(findings.map(({ what }: { what: string }) => what)).toContainEqual(
    expect.stringMatching(/^Duo\/c does not run, and holds name:x for \d min more$/),
  )
  const waiting = bench.run(['lock', 'acquire', 'name:x', '--ttl', '5m', '--wait', '20s', '--json'])
  await whenLocks(bench, 'waiting', 1)
  const file = bench.file('agencies', 'Duo', 'agency.json')
  const definition = JSON.parse(await bench.text('agencies', 'Duo', 'agency.json'))
  definition.agents = definition.agents.filter(({ name }: { name: string }) => name !== 'c')
  await writeFile(file, JSON.stringify(definition))
  expect((await waiting).json).toMatchObject({ owner: 'human', state: 'held' })
}, 60_000)

it('R-LCK-2 ten thousand keys in one request are held or given back in a moment; one more is refused, and how to go on is said', async () => {
  await using bench = await duo()
  const keys = Array.from({ length: 10_001 }, (_, index) => `src/${index % 50}/file-${index}.ts`)
  const tooMany = await bench.run(['lock', 'acquire', ...keys, '--ttl', '5m', '--json'])
  expect(tooMany.json.error).toMatchObject({ code: 'TOO_LARGE', hint: expect.stringContaining('folder') })
  const taken = await bench.ok(['lock', 'acquire', ...keys.slice(1), '--ttl', '5m'], as(bench, 'a'))
  expect(taken.resources).toHaveLength(10_000)
  const refused = await bench.run(
    ['lock', 'acquire', ...keys.slice(0, 10_000), '--ttl', '5m', '--json'],
    as(bench, 'b'),
  )
  expect(refused.json.error).toMatchObject({ code: 'HELD', message: expect.stringContaining('is held by Duo/a') })
  expect(await bench.ok(['lock', 'acquire', keys[0]!, '--ttl', '5m'], as(bench, 'b'))).toMatchObject({ state: 'held' })
  const { released } = await bench.ok(['lock', 'release', '--all'], as(bench, 'a'))
  expect(released[0].keys).toHaveLength(10_000)
}, 60_000)

it('R-BUS-6 R-LCK-1 registry/locks.json shows what is held', async () => {
  await using bench = await duo()
  await bench.ok(['lock', 'acquire', 'name:x', 'src/*.ts', '--ttl', '5m'], as(bench, 'a'))
  const seen = await until(
    async () => {
      const { items } = JSON.parse(await bench.text('registry', 'locks.json'))
      return items.length === 1 && items[0]
    },
    { timeoutMs: 5_000, everyMs: 50 },
  )
  expect(seen).toMatchObject({ owner: 'Duo/a', state: 'held', resources: expect.arrayContaining(['name:x']) })
}, 60_000)

it('R-ALL-3 R-ALL-4 what cannot be is refused with what to type', async () => {
  await using bench = await duo()
  for (const [args, code, names] of [
    [['acquire', 'x'], 2, '--ttl is missing'],
    [['acquire', '--ttl', '5m'], 2, 'nothing was named'],
    [['acquire', 'x', '--ttl', 'soon'], 2, 'soon'],
    [['acquire', 'x', '--ttl', '25h'], 2, '24 h'],
    [['acquire', 'x', '--ttl', '1ms'], 2, '1 s'],
    [['acquire', 'x', '--ttl', '5m', '--wait', '2h'], 2, '1 h'],
    [['acquire', 'unit:1', '--ttl', '5m'], 2, 'whole id'],
    [['release', 'nothing'], 3, 'nothing'],
    [['release', '0123abcd'], 3, '0123abcd'],
    [['release', '0192f3a1-0000-7000-8000-000000000001'], 3, '0192f3a1'],
    [['release', 'x', '--all'], 2, '--all'],
    [['break', 'x'], 2, '--reason'],
    [['dance'], 2, 'dance'],
  ] as const) {
    const ran = await bench.run(['lock', ...args, '--json'])
    expect(ran, args.join(' ')).toMatchObject({ code })
    expect(ran.json.error, args.join(' ')).toEqual({
      code: expect.any(String),
      message: expect.any(String),
      hint: expect.any(String),
    })
    expect(ran.json.error.message, args.join(' ')).toContain(names)
  }
}, 60_000)
