import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { core } from '../../src/cli/completion/core.ts'
import { offersOf } from '../../src/cli/completion/offers.ts'
import { bash, fish, zsh } from '../../src/cli/completion/shells.ts'
import type { Context, Verb } from '../../src/cli/verb.ts'
import { VERBS } from '../../src/cli/verbs.ts'

let folder: string
let script: string
let verbs: readonly { readonly verb: Verb; readonly summary: string }[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agency-completion-'))
  verbs = await Promise.all(
    Object.values(VERBS).flatMap(entry =>
      'isHidden' in entry ? [] : [entry.load().then(({ verb }) => ({ verb, summary: entry.summary }))],
    ),
  )
  script = core(verbs.map(({ verb, summary }) => offersOf(verb, summary)))
  await writeFile(join(folder, 'agency.bash'), bash(script))
  await mkdir(join(folder, 'work', 'registry'), { recursive: true })
  await mkdir(join(folder, 'work', 'sandbox', 'testing', 'feature-x'), { recursive: true })
  await mkdir(join(folder, 'work', 'inner'))
  await writeFile(join(folder, 'work', 'agency.yaml'), '')
  const agents = ['lead', 'go-agent'].map(name => ({ name, address: `Code/${name}`, state: 'ready' }))
  await view('active_agencies', { name: 'Code', state: 'running', agents })
  await view(
    'task_graph',
    ...['TASK-001', '$(touch pwned)', '`id`', 'TASK-002', '--all'].map(label => ({
      id: label,
      label,
      title: `${label}"\\`,
    })),
  )
  await view('approval_queue', { id: '0192f3a0-0000-7000-8000-0000e6ea3982', title: 'A thing' })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const view = (name: string, ...items: readonly object[]) =>
  writeFile(join(folder, 'work', 'registry', `${name}.json`), JSON.stringify({ version: 1, items }, null, 2))

/** What bash offers where the last of these words is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const program = `source ../../agency.bash
COMP_WORDS=(agency "$@"); COMP_CWORD=$#; _agency; printf '%s\\n' "\${COMPREPLY[@]}"`
  const env = { PATH: process.env.PATH }
  const ran = spawnSync('bash', ['--norc', '-c', program, 'bash', ...words], {
    cwd: join(folder, 'work', 'inner'),
    env,
  })
  expect(ran.stderr.toString()).toBe('')
  return ran.stdout.toString().split('\n').filter(Boolean)
}

it('R-ALL-3 completion offers verbs, their actions, and the options of that action', () => {
  expect(offered('ta')).toEqual(['task'])
  expect(offered('task', '')).toEqual(expect.arrayContaining(['add', 'list', 'show', 'graph', 'cancel']))
  expect(offered('lock', '')).toEqual(['list', 'acquire', 'release', 'extend', 'check', 'break'])
  expect(offered('sandbox', 'd')).toEqual(['deploy', 'destroy'])
  expect(offered('task', 'list', '--')).toEqual([
    ...['--agency', '--agent', '--state', '--limit', '--all', '--json', '--workspace', '--help'],
  ])
  expect(offered('lock', '--json', 'acquire', '--s')).toEqual(['--shared'])
  expect(offered('task', 'graph', '--format', '')).toEqual(['tree', 'mermaid', 'dot'])
  expect(offered('sandbox', 'logs', 'x', '')).toEqual(['app', 'tests', 'mocks', 'seed', 'setup'])
  expect(offered('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  expect(offered('help', 'tra')).toEqual(['trace'])
  expect(offered('hoo')).toEqual([])
})

it('R-ALL-3 completion offers names from the views, and never a word that a shell would run', () => {
  const all = ['Code', 'Code/lead', 'Code/go-agent', 'human']
  expect(offered('send', '')).toEqual(all)
  expect(offered('task', 'add', 'a title', '--to', '')).toEqual(all)
  expect(offered('explain', 'Code/g')).toEqual(['Code/go-agent'])
  expect(offered('status', '')).toEqual(['Code'])
  expect(offered('task', 'show', '')).toEqual(['TASK-001', 'TASK-002'])
  expect(offered('task', 'assign', 'TASK-001', 'h')).toEqual(['human'])
  expect(offered('approvals', 'approve', '')).toEqual(['e6ea3982'])
  expect(offered('sandbox', 'show', '')).toEqual(['feature-x'])
  expect(offered('create', 'QA')).toEqual(['QAAgency'])
  expect(offered('driver', 'test', 'cl')).toEqual(['claude'])
  expect(offered('--workspace', join(folder, 'nowhere'), 'send', '')).toEqual(['human'])
  expect(offered('task', 'done', 'TASK-001', '')).toEqual([])
  expect(offered('sandbox', 'exec', 'feature-x', '--', '')).toEqual([])
})

it('R-ALL-3 completion knows every action that a verb takes', async () => {
  for (const { verb } of verbs) {
    const [first] = verb.arguments
    expect([verb.name, verb.actions !== undefined]).toEqual([verb.name, first?.form === '[action]'])
    for (const action of Object.keys(verb.actions ?? {})) expect(first?.about).toMatch(new RegExp(`\\b${action}\\b`))
  }
  // What it does not take is told with all that it does, and with what was likely meant.
  for (const [name, word, meant] of [
    ['task', 'shwo', 'show'],
    ['approvals', 'aprove', 'approve'],
    ['lock', 'aquire', 'acquire'],
    ['sandbox', 'deplyo', 'deploy'],
    ['daemon', 'strat', 'start'],
    ['template', 'chek', 'check'],
    ['dead', 'purg', 'purge'],
    ['driver', 'tset', 'test'],
    ['git', 'claen', 'clean'],
  ] as const) {
    const { verb } = verbs.find(each => each.verb.name === name)!
    const refuse = async () => verb.run({ env: {} } as Context, [word, []], {})
    await expect(refuse(), name).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(`${name} ${word}: it takes `),
      hint: `agency ${name} ${meant}   or   agency ${name} --help`,
    })
  }
})

it('R-ALL-3 what the shells share is plain sh, and what is theirs can be read by them', () => {
  const checks: readonly (readonly [string, readonly string[], string])[] = [
    ['sh', ['-n'], script],
    ['bash', ['-n'], bash(script)],
    ['zsh', ['-n'], zsh(script)],
    ['fish', ['-n'], fish(script)],
  ]
  for (const [shell, args, input] of checks) {
    const ran = spawnSync(shell, [...args], { input })
    if (ran.error) continue
    expect([shell, ran.status, ran.stderr.toString()]).toEqual([shell, 0, ''])
  }
  const env = { PATH: process.env.PATH, PWD: join(folder, 'work') }
  const asked = `${script}\n_agency_candidates "$@"`
  const ran = spawnSync('sh', ['-c', asked, 'agency', 'TA', 'task', 'show'], { cwd: join(folder, 'work'), env })
  expect(ran.stdout.toString().split('\n')[0]).toMatch(/^TASK-001\t/)
})
