import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { Workbench } from './workbench.ts'

interface Fault {
  readonly file: string
  readonly line: number
  readonly what: string
}

it('R-AGY-3 agency template: list, show, and one of your own made from another, which an agency is then made from', async () => {
  await using bench = await Workbench.open()
  const { templates } = await bench.ok(['template'])
  const code = templates.find(({ name }: { name: string }) => name === 'CodeAgency')
  expect(code).toMatchObject({ isShipped: true, capabilities: ['backend', 'frontend', 'api-design', 'code-review'] })
  expect((await bench.ok(['list', '--templates'])).templates).toContain('CodeAgency')
  const shown = await bench.ok(['template', 'show', 'CodeAgency'])
  expect(shown.roles[0]).toMatchObject({ name: 'code-coordinator', role: 'coordinator.md' })
  expect(shown.scripts).toContainEqual({ name: 'review', isShared: true })
  expect((await bench.run(['template', 'show', 'CodeAgency'])).stdout).toMatch(/^js-agent +JavaScript Engineer/m)

  const made = await bench.ok(['template', 'new', 'MyAgency', '--from', 'CodeAgency'])
  expect(made).toEqual({ name: 'MyAgency', folder: bench.file('templates', 'agencies', 'MyAgency'), faults: [] })
  const definition = await bench.text('templates', 'agencies', 'MyAgency', 'agency.json')
  expect(definition).toContain('"name": "MyAgency"')
  expect(definition).toContain('{ "name": "code-coordinator" }')
  const mine = (await bench.ok(['template', 'list'])).templates.find(
    ({ name }: { name: string }) => name === 'MyAgency',
  )
  expect(mine.isShipped).toBe(false)
  expect((await bench.ok(['template', 'check', 'MyAgency'])).templates[0].faults).toEqual([])

  await bench.ok(['create', 'MyAgency', '--agents', 'js-agent'])
  const scripts = await readdir(bench.file('agencies', 'MyAgency', 'scripts'))
  expect(scripts).toEqual(expect.arrayContaining(['format', 'lib.sh', 'lint', 'review', 'test']))
  expect((await stat(bench.file('agencies', 'MyAgency', 'scripts', 'lint'))).mode & 0o100).toBe(0o100)
  // A shared script of the workspace's own goes before the shipped one, and the name of a copy stands where it stood.
  await mkdir(bench.file('templates', 'scripts'))
  await writeFile(bench.file('templates', 'scripts', 'lint'), '#!/bin/sh\necho ours\n')
  const late = '{\n  "coordinator": { "name": "lead" },\n  "name": "Odd"\n}\n'
  await mkdir(bench.file('odd', 'scripts'), { recursive: true })
  await writeFile(bench.file('odd', 'agency.json'), late)
  await writeFile(bench.file('odd', 'scripts', 'shared.txt'), 'lint # ours\n')
  await bench.ok(['template', 'new', 'Own', '--from', './odd'])
  expect(await bench.text('templates', 'agencies', 'Own', 'agency.json')).toBe(late.replace('Odd', 'Own'))
  await bench.ok(['create', 'Own'])
  expect(await bench.text('agencies', 'Own', 'scripts', 'lint')).toContain('echo ours')

  // What has become of a running agency can be kept as a template, without its log.
  await bench.ok(['template', 'new', 'Kept', '--from', './agencies/MyAgency'])
  expect(await readdir(bench.file('templates', 'agencies', 'Kept'))).not.toContain('logs')

  for (const [args, code, said] of [
    [['new', 'MyAgency'], 4, 'the template MyAgency exists'],
    [['new', 'human'], 2, 'is reserved'],
    [['new', '../x'], 2, 'may have letters'],
    [['new', 'Other', '--from', 'Nowhere'], 3, 'there is no template Nowhere'],
    [['new', 'Other', '--from', './agencies'], 3, 'there is no agency.json'],
    [['show', 'Nowhere'], 3, 'there is no template Nowhere'],
    [['show'], 2, 'needs a name'],
    [['mend'], 2, 'it takes list, show, new or check'],
  ] as const) {
    const ran = await bench.run(['template', ...args])
    expect([args, ran.code, ran.stderr]).toEqual([args, code, expect.stringContaining(said)])
  }
  expect(await readdir(bench.file('templates', 'agencies'))).toEqual(['Kept', 'MyAgency', 'Own'])
})

it('R-AGY-2 agency template check names every fault with file and line', async () => {
  await using bench = await Workbench.open()
  // All shipped ones are sound.
  const all = await bench.ok(['template', 'check'])
  expect(all.templates.length).toBeGreaterThan(1)
  for (const one of all.templates) expect(one).toMatchObject({ name: one.name, faults: [] })

  await bench.ok(['template', 'new', 'Bad', '--from', 'CodeAgency'])
  const folder = bench.file('templates', 'agencies', 'Bad')
  const at = (...parts: string[]) => bench.file('templates', 'agencies', 'Bad', ...parts)
  await writeFile(
    at('agency.json'),
    `{
  "name": "Bad",
  "capabilities": ["backend", "api-design", "API_design", "frontends"],
  "driver": "cloude",
  "coordinator": { "name": "lead" },
  "agents": [
    { "name": "js-agent" },
    { "name": "JS-agent" },
    { "name": "tools" },
    { "name": "go-agent", "capabilities": ["backends"] },
    { "name": "python-agent" },
    { "name": "code-reviewer", "colour": "red" },
    { "name": "writer" }
  ]
}
`,
  )
  await rm(at('agents', 'go-agent.md'))
  await writeFile(at('agents', 'python-agent.md'), `# Python\n${'x'.repeat(1023)}\n`.repeat(1024))
  await writeFile(at('agents', 'stranger.md'), '# Stranger\n')
  await writeFile(at('agents', 'code-reviewer.md'), '# Reviewer\n\nReads.\r\nJudges.\r\n')
  await writeFile(at('agents', 'writer.md'), ' \n')
  await writeFile(at('context', 'memory.md'), '# Memory\n\nkept\0here\n')
  await chmod(at('scripts', 'format'), 0o644)
  await writeFile(at('scripts', 'plain'), 'echo hello\n', { mode: 0o755 })
  await writeFile(at('scripts', 'dos'), '#!/bin/sh\r\necho hello\r\n', { mode: 0o755 })
  await writeFile(at('scripts', 'shared.txt'), 'lint\n\nlints\n')
  await writeFile(at('rehearsal', 'js-agent.yaml'), 'name: js-agent\nrules:\n  - when: { typ: TASK }\n    do: []\n')

  const checked = await bench.run(['template', 'check', 'Bad', '--json'])
  expect(checked.code).toBe(2)
  const faults: string[] = checked.json.templates[0].faults.map(
    ({ file, line, what }: Fault) => `${file.slice(folder.length + 1)}:${line} ${what}`,
  )
  for (const expected of [
    /^agency\.json:3 .*a capability is lower case/,
    /^agency\.json:3 the capability "API_design" is spelled "api-design" further up/,
    /^agency\.json:3 the capability "frontends" is called "frontend" by other agencies/,
    /^agency\.json:4 there is no driver cloude: .*claude/,
    /^agency\.json:8 agents\.1\.name: two agents are called JS-agent/,
    /^agency\.json:9 agents\.2\.name: the name "tools" is reserved/,
    /^agency\.json:10 go-agent has no role file: .*agents\/go-agent\.md is missing/,
    /^agency\.json:10 the capability "backends" is spelled "backend" further up/,
    /^agency\.json:12 agents\.5: .*colour/,
    /^agents\/python-agent\.md:\d+ has 1\.0 MB: an agent reads the first 64 KB, to here/,
    /^agents\/stranger\.md:1 is the role of nobody/,
    /^agents\/code-reviewer\.md:3 has Windows line ends \(2\)/,
    /^agents\/writer\.md:1 is empty/,
    /^context\/memory\.md:3 holds a NUL/,
    /^scripts\/format:1 cannot be run: chmod \+x/,
    /^scripts\/plain:1 does not say what runs it/,
    /^scripts\/dos:1 has Windows line ends/,
    /^scripts\/shared\.txt:3 there is no shared script lints: .*lint/,
    /^rehearsal\/js-agent\.yaml:3 rules\.0\.when: .*typ/,
    /^rehearsal\/code-coordinator\.yaml:1 is the playbook of nobody/,
  ])
    expect(
      faults.filter(fault => expected.test(fault)),
      `${expected}\n${faults.join('\n')}`,
    ).toHaveLength(1)
  const told = await bench.run(['template', 'check', './templates/agencies/Bad'])
  expect([told.code, told.stdout]).toEqual([2, expect.stringContaining('templates/agencies/Bad/scripts/format:1')])

  // What cannot be read at all, and what is missing.
  await writeFile(at('agency.json'), '{ "name": "Bad",\n  "agents": [ }\n')
  expect((await bench.run(['template', 'check', 'Bad'])).stdout).toMatch(/agency\.json:2/)
  await rm(at('agency.json'))
  expect((await bench.run(['template', 'check', 'Bad'])).stdout).toMatch(/agency\.json:1 +is missing/)
  const broken = (await bench.ok(['template'])).templates.find(({ name }: { name: string }) => name === 'Bad')
  expect(broken.problem).toContain('agency.json')
  await mkdir(bench.file('human'))
  await writeFile(bench.file('human', 'agency.json'), await readFile(bench.file('agencies', '..', 'agency.yaml')))
  expect((await bench.run(['template', 'check', './human'])).stdout).toContain('the name human is reserved')
})
