import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/config/workspace.ts'
import { until } from '../../src/kernel/abort.ts'
import { asAgent, createTeam } from './scriptAgents.ts'
import { Workbench } from './workbench.ts'

interface Logged {
  readonly seq: number
  readonly agent: string
  readonly type: string
  readonly subject: string
  readonly words: { readonly who: string; readonly what: string; readonly why: string }
}

const bin = join(packageRoot, 'bin', 'agency.js')
const parsed = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Logged)

it('R-TSK-5 agency log tells who did what, when and why; filtered, as one document, and for people without control characters', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a', 'b'] })
  await createTeam(bench, 'Other')
  const sent = await bench.ok(['send', 'Duo/a', 'TASK-9: \u001b[2Jtwo\nlines', '--wait', 'confirmed'])
  await bench.ok(['send', 'Duo/lead', 'COMPLETE a: TASK-9: done'], asAgent(bench, 'Duo/a'))
  await bench.ok(['send', 'Other', 'NOTE nothing of it', '--wait', 'confirmed'])
  const log = async (...args: string[]): Promise<Logged[]> => (await bench.ok(['log', ...args])).units

  const said = await log('--type', 'message')
  expect(said.map(({ words }) => `${words.who} ${words.what.split(' · ')[0]}`)).toEqual([
    'human → Duo/a',
    'Duo/a → lead',
    'human → Other/lead',
  ])
  expect((await log('--agency', 'Other')).every(({ words }) => !words.what.includes('Duo'))).toBe(true)
  const of = await log('--agent', 'Duo/a')
  expect(new Set(of.map(({ type }) => type))).toEqual(new Set(['message', 'delivery', 'agent-state', 'task']))
  expect(of.some(({ words }) => words.what.includes('Duo/b'))).toBe(false)
  expect((await log('--subject', sent.id.slice(-8))).map(({ type }) => type)).toEqual(['message'])
  expect((await log('--grep', 'NOTHING of')).map(({ agent }) => agent)).toEqual(['human'])
  expect(await log('--since', '1h', '--limit', '2')).toHaveLength(2)
  expect(await log('--until', '1h')).toEqual([])
  const isOver = async () => (await bench.ok(['task', 'show', 'TASK-9'])).task.state === 'succeeded'
  expect(await until(isOver, { timeoutMs: 8000, everyMs: 100 })).toBe(true)
  const story = await log('--task', 'TASK-9')
  expect(story.filter(({ type }) => type === 'task').map(({ words }) => / → (\S+)$/.exec(words.what)?.[1])).toEqual(
    expect.arrayContaining(['claimed', 'verifying', 'succeeded']),
  )
  expect(await log('--task', story.find(({ type }) => type === 'task')!.subject.slice(-8))).toEqual(story)
  expect(story.filter(({ type }) => type === 'message')).toHaveLength(2)
  expect(story.at(-1)!.seq).toBeGreaterThan(story[0]!.seq)
  expect(story.filter(({ type }) => type === 'delivery').length).toBeGreaterThanOrEqual(6)
  expect(story.some(({ words }) => words.what.includes('Other'))).toBe(false)

  const shown = await bench.run(['log', '--grep', 'two'])
  expect(shown.stdout).toContain(`human → Duo/a · TASK · ${sent.id.slice(-8)}  TASK-9: \ufffd[2Jtwo lines`)
  expect(shown.stdout).not.toContain('\u001b')
  for (const [args, code] of [
    [['--agent', 'Duo/nobody'], 3],
    [['--agency', 'Nowhere'], 3],
    [['--task', 'TASK-404'], 3],
    [['--since', 'tomorrow'], 2],
    [['--type', 'gossip'], 2],
    [['--follow', '--until', '1h'], 2],
    [['--limit', 'many'], 2],
  ] as const) {
    const ran = await bench.run(['log', ...args, '--json'])
    expect([ran.code, typeof ran.json.error.message], args.join(' ')).toEqual([code, 'string'])
  }
})

it('R-TSK-5 a follower hears everything once while it happens, and an export is all of it', async () => {
  await using bench = await Workbench.open()
  await createTeam(bench, 'Duo', { agents: ['a'] })
  const following = execa(process.execPath, [bin, 'log', '--follow', '--limit', '0', '--json'], {
    cwd: bench.root,
    env: bench.environment(),
    extendEnv: false,
    reject: false,
  })
  let heard = ''
  following.stdout.on('data', chunk => {
    heard += String(chunk)
  })
  // It is there when it hears of something.
  for (let number = 0; heard === '' && number < 100; number++)
    await bench.ok(['send', 'Duo/a', `NOTE before ${number}`, '--wait', 'confirmed'])
  await Promise.all([1, 2, 3, 4, 5].map(number => bench.ok(['send', 'Duo/a', `NOTE ${number}`, '--wait', 'confirmed'])))
  const last = (await bench.ok(['log', '--limit', '1'])).units[0].seq
  expect(await until(() => heard.endsWith('\n') && parsed(heard).at(-1)!.seq >= last, { timeoutMs: 5000 })).toBe(true)
  following.kill()
  await following
  const seqs = parsed(heard).map(({ seq }) => seq)
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => seqs[0]! + index))
  expect(seqs.length).toBeGreaterThan(25)

  const file = bench.file('audit.jsonl')
  const told = await bench.ok(['log', '--export', file])
  const exported = parsed(await readFile(file, 'utf8'))
  expect(exported.map(({ seq }) => seq)).toEqual(Array.from({ length: told.units }, (_, index) => index + 1))
  expect(exported.length).toBeGreaterThan(seqs.length)
  expect(Object.keys(exported[0]!)).toEqual(expect.arrayContaining(['id', 'agent', 'at', 'metadata', 'relations']))
  const piped = await bench.run(['log', '--type', 'message', '--export', '-'])
  expect(parsed(piped.stdout).length).toBe((await bench.ok(['log', '--type', 'message'])).units.length)
  const first = await execa('sh', ['-c', `"${process.execPath}" "${bin}" log --export - | head -n 1`], {
    cwd: bench.root,
    env: bench.environment(),
    extendEnv: false,
  })
  expect(parsed(first.stdout)).toHaveLength(1)
  expect(first.stderr).toBe('')
  expect((await bench.run(['log', '--export', bench.file('no', 'such', 'folder')])).code).toBe(2)
})
