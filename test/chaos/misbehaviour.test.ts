import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { Workbench } from '../e2e/workbench.ts'
import { complaints, promptsOf } from './arrivals.ts'

/** Agent → the fault it is told to have. */
const FAULTS: Readonly<Record<string, string>> = {
  swallow: 'swallow-enter:1',
  slow: 'slow:700',
  late: 'slow-start:3000',
  deaf: 'deaf-at-start:6000',
  pondering: 'deaf-at-start:6000',
  restless: 'redraw',
  asking: 'dialog-before-enter:1',
  trusting: 'dialog-at-start',
  crashing: 'crash-once-on:message 1',
  torn: 'crash-after-paste:1',
  silent: 'no-hooks',
  untitled: 'no-title',
  working: 'busy-for:1500',
  dropping: 'drop-prompt:1',
  hanging: 'hang-on:message 2',
  stillborn: 'exit-at-start',
}

let bench: Workbench
const sent = new Map<string, { id: string; body: string }[]>()

async function writeTemplate(): Promise<void> {
  const folder = bench.file('templates', 'agencies', 'Odd')
  await mkdir(folder, { recursive: true })
  const agents = Object.entries(FAULTS).map(([name, fault]) => ({
    name,
    env: { AGENCY_REHEARSAL_MISBEHAVE: fault },
    ...(name === 'silent' ? { driver: 'rehearsal-by-screen' } : {}),
    ...(name === 'pondering' ? { driver: 'rehearsal-that-ponders', args: ['--paste-window', '3000'] } : {}),
  }))
  await writeFile(join(folder, 'agency.json'), JSON.stringify({ name: 'Odd', coordinator: { name: 'lead' }, agents }))
  const drivers = bench.file('templates', 'drivers')
  await mkdir(drivers, { recursive: true })
  const profile = await readFile(join(packageRoot, 'templates', 'drivers', 'rehearsal.yaml'), 'utf8')
  await writeFile(join(drivers, 'rehearsal-by-screen.yaml'), profile.slice(0, profile.indexOf('\nhooks:')))
  const ponders = profile.replace('pasteWindowMs: 100', 'pasteWindowMs: 3000')
  await writeFile(join(drivers, 'rehearsal-that-ponders.yaml'), ponders)
}

async function send(agent: string, body: string): Promise<void> {
  const { id } = await bench.ok(['send', `Odd/${agent}`, body])
  sent.set(agent, [...(sent.get(agent) ?? []), { id, body }])
}

/** Waits until the receiver has everything, and returns its log. */
async function arrived(agent: string, timeoutMs = 30_000): Promise<{ kind: string; text: string }[]> {
  const expected = sent.get(agent) ?? []
  let log: { kind: string; text: string }[] = []
  await until(
    async () => {
      log = await bench.received(`Odd/${agent}`)
      return complaints(log, expected).length === 0
    },
    { timeoutMs, everyMs: 100 },
  )
  expect(complaints(log, expected)).toEqual([])
  return log
}

/** Waits until the bus, too, knows that all of it has arrived. */
async function confirmed(agent: string): Promise<void> {
  for (const { id } of sent.get(agent) ?? []) await bench.whenDelivery(id, `Odd/${agent}`, 'confirmed')
}

beforeAll(async () => {
  bench = await Workbench.open({ settings: 'supervision:\n  backoffBase: 0.5' })
  await writeTemplate()
  await bench.ok(['create', 'Odd'])
  for (const agent of Object.keys(FAULTS)) await send(agent, 'message 1')
  for (const agent of Object.keys(FAULTS)) await send(agent, 'message 2')
}, 60_000)

afterAll(() => bench?.[Symbol.asyncDispose]())

describe('R-BUS-4 whatever the program does, each message arrives, and whatever arrives again is marked', () => {
  for (const agent of ['slow', 'late', 'restless', 'silent', 'untitled', 'working'])
    it(`${FAULTS[agent]}: each arrives once`, async () => {
      expect(promptsOf(await arrived(agent))).toHaveLength(2)
      await confirmed(agent)
      expect(promptsOf(await bench.received(`Odd/${agent}`))).toHaveLength(2)
    })

  it('deaf-at-start: what it reads late is neither pasted again nor submitted twice', async () => {
    const log = await arrived('deaf')
    expect(log.filter(({ text }) => text?.includes('· redelivery'))).toEqual([])
    expect(promptsOf(log)).toHaveLength(2)
    await confirmed('deaf')
  })

  it('deaf-at-start: Enter waits for the paste window of what it reads late', async () => {
    expect(promptsOf(await arrived('pondering'))).toHaveLength(2)
    await confirmed('pondering')
  })

  it('swallow-enter: one rescue Enter, and nothing twice', async () => {
    expect(promptsOf(await arrived('swallow'))).toHaveLength(2)
    await confirmed('swallow')
  })

  it('drop-prompt: what the program dropped goes again, marked', async () => {
    const log = await arrived('dropping')
    expect(log.filter(({ text }) => text.includes('· redelivery 2]'))).toHaveLength(1)
    await confirmed('dropping')
  })

  it('crash after a paste: what stood in the composer goes again to the next start, marked', async () => {
    const log = await arrived('torn')
    expect(log.filter(({ text }) => text.includes('· redelivery 2]'))).toHaveLength(1)
    await confirmed('torn')
  })

  it('crash on a message: it has arrived, and the next one reaches the next start', async () => {
    const log = await arrived('crashing')
    expect(log.filter(({ kind }) => kind === 'start')).toHaveLength(2)
    await confirmed('crashing')
  })

  it('a dialog between paste and Enter: it is not approved by us, and nothing is lost once the person has answered', async () => {
    await bench.whenAgent('Odd/asking', 'waiting')
    const before = await bench.received('Odd/asking')
    expect(before.filter(({ kind }) => kind === 'approved')).toEqual([])
    const { pane } = await bench.agent('Odd/asking')
    await bench.tmux('send-keys', '-t', pane, '2')
    const log = await arrived('asking')
    expect(log.filter(({ kind }) => kind === 'approved')).toEqual([])
    await confirmed('asking')
  })

  it('a dialog at the start: messages are held with that reason until the person has answered', async () => {
    const [first] = sent.get('trusting')!
    const trace = await bench.whenDelivery(first!.id, 'Odd/trusting', 'held')
    expect(trace.deliveries[0].reason).toContain('trust dialog')
    expect(await bench.received('Odd/trusting')).toEqual([])
    const { pane } = await bench.agent('Odd/trusting')
    await bench.tmux('send-keys', '-t', pane, '1')
    expect(promptsOf(await arrived('trusting'))).toHaveLength(2)
    await confirmed('trusting')
  })

  it('hang: what it took is confirmed, and what comes after it waits and says why', async () => {
    await arrived('hanging')
    const { id } = await bench.ok(['send', 'Odd/hanging', 'message 3'])
    const trace = await bench.whenDelivery(id, 'Odd/hanging', 'held')
    expect(trace.deliveries[0].reason).toContain('busy')
    const { pid } = await bench.agent('Odd/hanging')
    await bench.ok(['restart', 'Odd/hanging'])
    sent.get('hanging')!.push({ id, body: 'message 3' })
    await arrived('hanging')
    expect((await bench.agent('Odd/hanging')).pid).not.toBe(pid)
  })
})

describe('R-AGY-4 a program that dies again and again', () => {
  it('is left alone after the fifth death, which doctor says with what to type; its messages wait', async () => {
    await bench.whenAgent('Odd/stillborn', 'dead')
    const quarantined = await until(
      async () => {
        const found = await bench.agent('Odd/stillborn')
        return found.state === 'dead' && found.nextStartAt === undefined ? found : undefined
      },
      { timeoutMs: 20_000, everyMs: 200 },
    )
    expect(quarantined).toMatchObject({ evidence: 'it ended with status 1' })
    const { findings } = (await bench.run(['doctor', '--json'])).json
    expect(findings).toContainEqual({
      level: 'bad',
      what: expect.stringContaining(
        'Odd/stillborn is quarantined by system: 5 deaths in ten minutes, the last: it ended',
      ),
      hint: 'agency explain Odd/stillborn, then agency restart Odd/stillborn',
    })
    const { deliveries } = await bench.ok(['trace', sent.get('stillborn')![0]!.id])
    const reason = expect.stringContaining('quarantined by system: 5 deaths in ten minutes')
    expect(deliveries[0]).toMatchObject({ state: 'held', reason })
    const starts = JSON.parse(await bench.text('registry', 'run', 'Odd', 'stillborn', 'ran'))
    expect(starts).toBe(5)
  })
})
