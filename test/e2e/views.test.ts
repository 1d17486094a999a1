import { readFile, rm } from 'node:fs/promises'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { asAgent, createTeam } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

const NAMES = ['active_agencies', 'message_queue', 'approval_queue', 'task_graph', 'locks'] as const

it('R-BUS-6 the views are whole JSON of one form, follow the store within a second, and come back when deleted', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a', 'mute'], drivers: { mute: 'shell' }, capabilities: ['backend'] })
  const file = (name: string) => bench.file('registry', `${name}.json`)
  const view = async (name: string) => JSON.parse(await readFile(file(name), 'utf8'))
  const within = async (check: () => Promise<boolean>) =>
    expect(await until(() => check().catch(() => false), { timeoutMs: 2000, everyMs: 50 }), String(check)).toBe(true)

  await within(async () => (await view('active_agencies')).items[0]?.name === 'Duo')
  for (const name of NAMES)
    expect(await view(name)).toEqual({
      version: 1,
      generatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      items: expect.any(Array),
    })
  const [agency] = (await view('active_agencies')).items
  expect(agency).toMatchObject({ name: 'Duo', capabilities: ['backend'], coordinator: 'Duo/lead' })
  expect(agency.agents.map((agent: { address: string }) => agent.address)).toEqual(['Duo/lead', 'Duo/a', 'Duo/mute'])

  const before = Date.now()
  const held = await bench.ok(['send', 'Duo/mute', 'a "quoted" \u001b[31mbody', '--priority', 'high'])
  await within(async () => (await view('message_queue')).items.some((item: { state: string }) => item.state === 'held'))
  const queue = await view('message_queue')
  expect(Date.parse(queue.generatedAt)).toBeGreaterThanOrEqual(before)
  expect(queue.items).toMatchObject([
    { message: held.id, from: 'human', to: 'Duo/mute', type: 'NOTE', state: 'held', priority: 2, attempts: 0 },
  ])
  expect(queue.items[0].text).toBe('a "quoted" \ufffd[31mbody')
  const jq = await execa('jq', ['-r', '.items[].to', file('message_queue')], { reject: false })
  if (jq.exitCode !== undefined) expect(jq).toMatchObject({ exitCode: 0, stdout: 'Duo/mute' })

  for (const name of NAMES) await rm(file(name))
  await within(async () => (await Promise.all(NAMES.map(view))).length === NAMES.length)
  expect((await view('message_queue')).items).toEqual(queue.items)
  await bench.ok(['inbox'], asAgent(bench, 'Duo/mute'))
  await within(async () => (await view('message_queue')).items.length === 0)
  await bench.ok(['stop', 'Duo'])
  await within(async () => (await view('active_agencies')).items[0].state === 'stopped')
})

it('R-AGY-2 R-LOG-1 the activity log tells in order what was said, delivered and changed, each once, over a restart too', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a'] })
  await createTeam(bench, 'Other')
  const sent = await bench.ok(['send', 'Duo/a', 'TASK-9: \u001b[2Jtwo\nlines', '--wait', 'confirmed'])
  const short = sent.id.slice(-8)
  const log = () => bench.text('agencies', 'Duo', 'logs', 'activity.log').catch(() => '')
  const whenLogged = (text: string) => until(async () => (await log()).includes(text), { timeoutMs: 5000, everyMs: 50 })
  expect(await whenLogged(`delivery ${short} to Duo/a: confirm → confirmed`)).toBe(true)
  const lines = (await log()).trimEnd().split('\n')
  expect(lines.every(line => /^\d{4}-\d\d-\d\dT[\d:.]+Z #\d+ /.test(line))).toBe(true)
  const numbers = lines.map(line => Number(/#(\d+) /.exec(line)?.[1]))
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  const of = lines.filter(line => line.includes(short)).map(line => line.replace(/^\S+ #\d+ /, ''))
  expect(of[0]).toBe(`human → Duo/a · TASK · ${short}  TASK-9: \ufffd[2Jtwo lines`)
  const states = of.slice(1).map(line => /→ (\w+)/.exec(line)?.[1])
  expect(states.filter(state => state !== 'held')).toEqual(['queued', 'claimed', 'handing', 'handed', 'confirmed'])
  expect(lines.some(line => line.includes('Duo: create'))).toBe(true)
  expect(lines.some(line => line.includes('Other'))).toBe(false)

  await bench.ok(['daemon', 'stop'])
  const next = await bench.ok(['send', 'Duo/a', 'after the restart', '--wait', 'confirmed'])
  expect(await whenLogged(`delivery ${next.id.slice(-8)} to Duo/a: confirm → confirmed`)).toBe(true)
  const all = (await log()).trimEnd().split('\n')
  expect(all.slice(0, lines.length)).toEqual(lines)
  expect(new Set(all).size).toBe(all.length)
})
