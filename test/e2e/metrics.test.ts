import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { until } from '../../src/kernel/abort.ts'
import { check } from '../measures/expositionRules.ts'
import { asAgent, createTeam } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

/** Asks the socket as Prometheus would. */
async function scrape(bench: Workbench, token?: string): Promise<{ status: number; type: string; text: string }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return new Promise((resolve, reject) => {
    const socketPath = bench.file('registry', 'agencyd.sock')
    const asked = request({ socketPath, path: '/metrics', headers }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', chunk => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode!, type: String(response.headers['content-type']), text }),
      )
    })
    asked.on('error', reject).end()
  })
}

it('R-TSK-6 agency metrics tells how each works, from what truly happened; what is not known is a dash', async () => {
  await using bench = await Workbench.open({ settings: 'metrics: { humanFactor: 2 }' })
  await createTeam(bench, 'Duo', { agents: ['a', 'b'] })
  await createTeam(bench, 'QA')
  const ended = async (task: string) =>
    until(async () => (await bench.ok(['task', 'show', task])).task.state === 'succeeded', {
      timeoutMs: 15_000,
      everyMs: 100,
    })
  const given = await bench.ok(['send', 'Duo/a', 'TASK-1: first', '--wait', 'confirmed'])
  await bench.ok(['reply', given.id.slice(-8), 'COMPLETE a: TASK-1: done'], asAgent(bench, 'Duo/a'))
  expect(await ended('TASK-1')).toBe(true)
  await bench.ok(['send', 'Duo/a', 'TASK-2: second', '--wait', 'confirmed'])
  await bench.ok(['send', 'Duo/a', 'NOTE TASK-2: hurry', '--type', 'STATUS'])
  await bench.ok(['send', 'Duo/a', 'STATUS: TASK-2 how far?'])
  await bench.ok(['send', 'Duo/lead', 'COMPLETE a: TASK-2: done'], asAgent(bench, 'Duo/a'))
  expect(await ended('TASK-2')).toBe(true)
  const results = { type: 'results', task: 'TASK-2', status: 'issues_found', bugs: ['one', 'two'], score: 3 }
  await bench.ok(['send', '--from', 'QA', 'Duo', JSON.stringify(results), '--wait', 'confirmed'])
  await bench.ok(['restart', 'Duo/b'])

  const report = await bench.ok(['metrics', 'Duo'])
  expect(report.humanFactor).toBe(2)
  expect(report.agencies).toHaveLength(1)
  const [duo] = report.agencies
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents freely
  const of = (agent: string) => duo.agents.find(({ name }: any) => name === agent).measures
  expect(of('Duo/a')).toMatchObject({
    ...{ succeeded: 2, failed: 0, autonomous: 0.5, firstReview: 0.5, bugRate: 1, reviewScore: 3 },
    ...{ tests: null, checks: null, coverage: null, handoff: { count: 2 }, response: { count: 2 }, restarts: 0 },
  })
  expect(of('Duo/a').handoff.p95Ms).toBeGreaterThanOrEqual(of('Duo/a').handoff.meanMs)
  expect(of('Duo/a').savedMinutes).toBeGreaterThan(0)
  expect(of('Duo/b')).toMatchObject({ succeeded: 0, autonomous: null, handoff: null, savedMinutes: null, restarts: 1 })
  expect(duo.measures).toMatchObject({ succeeded: 2, restarts: 1 })

  const shown = (await bench.run(['metrics'])).stdout
  expect(shown).toMatch(/^ {2}a +2 +0 +50 % +50 % +– +– +1 +\d/m)
  expect(shown).toMatch(/^ {2}b +0 +0 +– +– +– +– +– +–$/m)
  expect(shown).toContain('saved: an estimate')
  expect(shown).toContain('working time × 2')
  expect(Math.max(...shown.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  const days = (await bench.ok(['metrics', 'Duo/a', '--by', 'day', '--since', '3d'])).agencies[0].agents
  expect(days).toHaveLength(1)
  expect(days[0].days.map(({ measures }: { measures: { succeeded: number } }) => measures.succeeded)).toEqual([
    0, 0, 0, 2,
  ])
  expect((await bench.ok(['metrics', '--since', '2099-01-01'], {}).catch(String)) as string).toContain('not come yet')
  expect((await bench.run(['metrics', 'Nobody'])).code).toBe(3)
  expect((await bench.run(['metrics', 'Duo/nobody'])).code).toBe(3)
})

it('R-TSK-6 R-LOG-7 GET /metrics is what Prometheus reads, for who has a token', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a'] })
  const given = await bench.ok(['send', 'Duo/a', 'TASK-1: first', '--wait', 'confirmed'])
  await bench.ok(['reply', given.id.slice(-8), 'COMPLETE a: TASK-1: done'], asAgent(bench, 'Duo/a'))
  const isOver = async () => (await bench.ok(['task', 'show', 'TASK-1'])).task.state === 'succeeded'
  expect(await until(isOver, { timeoutMs: 15_000, everyMs: 100 })).toBe(true)
  expect((await scrape(bench)).status).toBe(401)
  const token = (await bench.text('registry', 'tokens', 'human')).trim()
  const { status, type, text } = await scrape(bench, token)
  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  const { problems, samples } = check(text)
  expect(problems).toEqual([])
  const value = (name: string, labels: Record<string, string> = {}) =>
    samples.find(
      sample => sample.name === name && Object.entries(labels).every(([key, one]) => sample.labels[key] === one),
    )?.value
  expect(value('agency_tasks_ended_total', { agency: 'Duo', agent: 'Duo/a', outcome: 'succeeded' })).toBe(1)
  expect(value('agency_messages_accepted_total', { type: 'TASK' })).toBe(1)
  expect(value('agency_agents', { state: 'ready' })).toBe(2)
  expect(value('agency_agent_starts_total', { agent: 'Duo/a' })).toBe(1)
  expect(value('agency_agent_week_autonomous_ratio', { agent: 'Duo/a' })).toBe(1)
  expect(value('agency_agent_week_coverage_ratio')).toBeUndefined()
  expect(value('agency_team_week_handoff_mean_seconds', { agency: 'Duo' })).toBeLessThan(10)
  expect(value('agency_loop_ticks_total', { loop: 'supervisor' })).toBeGreaterThan(0)
  expect(value('agency_loop_failures_total', { loop: 'supervisor' })).toBe(0)
  expect(value('process_cpu_seconds_total')).toBeGreaterThan(0)
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e6)
  // Counters count on, and no other scrape disturbs them.
  await bench.ok(['send', 'Duo/a', 'NOTE again', '--wait', 'confirmed'])
  const again = check((await scrape(bench, token)).text).samples
  expect(
    again.find(({ name, labels }) => name === 'agency_messages_accepted_total' && labels['type'] === 'NOTE')?.value,
  ).toBe(1)
  expect(again.find(({ name }) => name === 'agency_tasks_ended_total')?.value).toBe(1)

  // Where the judge itself is at hand, it judges.
  const printed = (await bench.run(['metrics', '--prometheus'])).stdout
  expect(check(`${printed}\n`).problems).toEqual([])
  const promtool = process.env['PROMTOOL'] ?? 'promtool'
  const file = bench.file('metrics.txt')
  await writeFile(file, text)
  const judged = await execa(promtool, ['check', 'metrics'], { input: text, reject: false })
  if (judged.code !== 'ENOENT') expect([judged.exitCode, judged.stdout, judged.stderr]).toEqual([0, '', ''])
})
