import { mkdir, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { createTeam, got } from './scriptAgents.ts'
import { createWild, whenAgent } from './wildAgents.ts'
import { Workbench } from './workbench.ts'

let bench: Workbench

/** A program that shows a limit's banner and a prompt; each line that it reads is noted. */
const PROGRAM = `printf 'limit reached, resets in 9s\\n> '
while read -r line; do printf '%s\\n' "$line" >>"$AGENCY_RUN/read"; printf '> '; done`
const PROFILE = `title: Limited
doors: [typing]
command: [/bin/sh, -c, ${JSON.stringify(PROGRAM)}]
typing: { pasteWindowMs: 20, composerWaitMs: 1000, confirmWaitMs: 300 }
composer: { first: '^> ?(?<text>.*)$' }
rules:
  - { name: usage limit, state: limited, screen: 'limit reached, resets (?<until>in \\d+s)' }
  - { name: prompt, state: ready, screen: '^>' }
`

beforeAll(async () => {
  bench = await Workbench.open({ settings: 'supervision:\n  statusEvery: 2\n' })
  await mkdir(bench.file('templates', 'drivers'), { recursive: true })
  await writeFile(bench.file('templates', 'drivers', 'limitful.yaml'), PROFILE)
}, 60_000)

afterAll(() => bench?.[Symbol.asyncDispose]())

it('R-TSK-3 a usage limit parks an agent until the time that its screen names, and it goes on by itself', async () => {
  await createWild(bench, 'Quota', { a: { driver: 'limitful' } })
  const limited = await whenAgent(bench, 'Quota/a', ({ state }) => state === 'limited')
  expect(limited.limitedUntil).toBeDefined()
  const { id } = await bench.ok(['send', 'Quota/a', 'later'])
  const held = await bench.whenDelivery(id, 'Quota/a', 'held')
  expect(held.deliveries[0].reason).toContain('usage limit')
  const explained = await bench.run(['explain', 'Quota/a'])
  expect(explained.stdout).toContain('it goes on by itself then')
  // Up leaves a living program alone, limit and all.
  const before = await bench.agent('Quota/a')
  await bench.ok(['up', 'Quota'])
  expect(await bench.agent('Quota/a')).toMatchObject({ pid: before.pid, limitedUntil: limited.limitedUntil })
  // The banner stands on the screen for ever, and names a span that would begin anew with each look.
  const free = await whenAgent(bench, 'Quota/a', ({ state }) => state === 'ready')
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(limited.limitedUntil))
  expect(Date.now() - Date.parse(limited.limitedUntil)).toBeLessThan(5_000)
  expect(free.limitedUntil).toBeUndefined()
  await bench.whenDelivery(id, 'Quota/a', 'handed', 'confirmed')
})

it('R-AGY-8 an agent that has work and says nothing is asked for a STATUS, its coordinator to sum up, and nothing piles up', async () => {
  await createTeam(bench, 'Quiet', { agents: ['a', 'idle'] })
  await bench.ok(['send', 'Quiet/a', 'TASK-1: think for long', '--wait', 'confirmed'])
  const asked = async (address: string) => (await got(bench, address)).filter(({ body }) => body.startsWith('STATUS?'))
  const isAsked = async (address: string, times: number) =>
    expect(await until(async () => (await asked(address)).length >= times, { timeoutMs: 20_000, everyMs: 100 })).toBe(
      true,
    )
  await isAsked('Quiet/lead', 1)
  const [question] = await asked('Quiet/a')
  expect(question).toMatchObject({ from: 'system', body: expect.stringContaining('send Quiet/lead "STATUS a: …"') })
  expect((await asked('Quiet/lead'))[0].body).toContain('send human "STATUS lead: …"')
  expect(await asked('Quiet/idle')).toEqual([])

  // One that takes nothing is not asked.
  await bench.ok(['pause', 'Quiet/idle'])
  await bench.ok(['send', 'Quiet/idle', 'TASK-2: think for long'])
  const rounds = (await asked('Quiet/lead')).length
  await bench.ok(['send', 'Quiet/a', 'TASK-3: think on', '--wait', 'confirmed'])
  await isAsked('Quiet/lead', rounds + 1)
  const { messages } = await bench.ok(['messages', 'Quiet/idle'])
  expect(messages.filter(({ body }: { body: string }) => body.startsWith('STATUS?'))).toEqual([])
})
