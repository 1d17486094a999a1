import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderWith, isInstalled, laidOut, pathOf, putFiles, recorded, run, type Stub } from './workbench.ts'

const docs = await laidOut('DocsAgency')
const triad = await laidOut('ResearchTriad')
const script = (name: string) => join(docs, 'scripts', name)

describe('links', () => {
  it('R-AGY-3 finds links to files and headings that are not there, and leaves code alone', () => {
    const cwd = folderWith({
      'README.md': `# Top

See [the guide](docs/guide.md), [a step](docs/guide.md#first-step), [here](#top), [gone](docs/gone.md) and
[nowhere](docs/guide.md#no-such-step), [a "title"](docs/guide.md "Guide"), [web](https://example.org).

\`[not](a-link.md)\`

\`\`\`md
[neither](this.md)
\`\`\`

[ref]: docs/missing.png
`,
      'docs/guide.md': '# Guide\n\n## First step\n\n[back](../README.md) ![picture](a%20b.png)\n',
      'docs/a b.png': '',
    })
    const ran = run(script('links'), [], { cwd })
    expect(ran.stdout).toContain('README.md:3: docs/gone.md is not there')
    expect(ran.stdout).toContain('README.md:4: docs/guide.md#no-such-step has no heading of that name')
    expect(ran.stdout).toContain('README.md:12: docs/missing.png is not there')
    expect([ran.status, ran.summary.findings, ran.summary.notChecked]).toEqual([
      1,
      3,
      ['1 web links: they need --online'],
    ])
    const one = run(script('links'), ['docs/guide.md'], { cwd })
    expect([one.status, one.summary.status]).toEqual([0, 'clean'])
    const away = run(script('links'), ['--online', 'README.md'], { cwd, path: pathOf(['wc']) })
    expect(away.stderr).toContain('lychee is not installed. Not checked: 1 web links.')
    expect(run(script('links'), [], { cwd: folderWith({}) }).status).toBe(3)
  })
})

describe('prose', () => {
  it('R-AGY-3 finds form and words by place', () => {
    const text = '# A\n\n### C\n\nSimply click [here](x).\n\n```\ncode simply\n```\n\nTODO: more\n\n# B\n'
    const ran = run(script('prose'), [], { cwd: folderWith({ 'a.md': text }), path: pathOf() })
    for (const said of [
      'a.md:3: jumps from heading level 1 to 3',
      'a.md:5: a link that does not say where it leads',
      'a.md:5: "simply": leave it out',
      'a.md:7: code without its language',
      'a.md:11: unfinished',
      'a.md:13: a second title',
    ])
      expect(ran.stdout).toContain(said)
    expect([ran.status, ran.summary.files]).toEqual([1, 1])
    expect(ran.stderr).toContain('npm install --save-dev markdownlint-cli2')
  })

  it('R-AGY-3 leaves form to markdownlint and words to vale, where the project has them', () => {
    const cwd = folderWith({ 'a.md': '# A\n', '.vale.ini': '' })
    const vale = { says: "a.md:5:12:Vale.Terms:Use 'use' instead of 'utilize'.", exits: 1 }
    for (const [tool, said] of [
      ['markdownlint-cli2', 'markdownlint-cli2-0.22.1'],
      ['markdownlint', 'markdownlint-cli-0.48.0'],
    ] as const) {
      const path = pathOf([], { [tool]: recorded(said, 1), vale })
      const ran = run(script('prose'), [], { cwd, path })
      expect([ran.status, ran.summary.findings, ran.summary.notChecked]).toEqual([1, 12, []])
    }
    expect(run(script('prose'), [], { cwd, path: pathOf() }).stderr).toContain('vale is not installed')
  })
})

describe('api-docs', () => {
  const files = {
    'package.json': '{}',
    'src/math.js':
      '/** Sums of money. */\n\n/** Adds two amounts in cents. */\nexport function add(a, b) {\n  return a + b\n}\n\nexport const RATE = 2\n',
  }

  it('R-AGY-3 writes the reference of JavaScript exports, and names those without a comment', () => {
    const cwd = folderWith(files)
    const ran = run(script('api-docs'), [], { cwd })
    expect(ran.stdout).toContain('src/math.js:8: RATE is exported without a comment')
    expect([ran.status, ran.summary.findings, ran.summary.written], ran.stderr).toEqual([1, 1, 2])
    const page = readFileSync(join(cwd, 'docs/api/math.md'), 'utf8')
    expect(page).toContain('## add\n\n```js\nfunction add(a, b)\n```\n\nAdds two amounts in cents.\n')
    expect(readFileSync(join(cwd, 'docs/api/README.md'), 'utf8')).toContain('- [src/math.js](math.md): `add`, `RATE`')

    putFiles(cwd, { 'src/math.js': files['src/math.js'].replace('export const RATE = 2\n', '') })
    const stale = run(script('api-docs'), ['--check'], { cwd })
    expect(stale.stdout).toContain('docs/api/math.md: is not what the source says')
    expect(run(script('api-docs'), [], { cwd }).status).toBe(0)
    expect(run(script('api-docs'), ['--check'], { cwd }).status).toBe(0)
  })

  it.runIf(isInstalled('python3'))('R-AGY-3 does the same for Python', () => {
    const cwd = folderWith({
      'pyproject.toml': '',
      'money.py':
        '"""Sums of money."""\n\ndef add(a: int, b: int = 0) -> int:\n    """Adds two amounts."""\n    return a + b\n\nclass Purse:\n    """Holds money."""\n    def take(self): pass\n',
    })
    const ran = run(script('api-docs'), [], { cwd, path: pathOf(['python3']) })
    expect(ran.stdout).toContain('money.py:9: Purse.take has no docstring')
    expect([ran.status, ran.summary.findings], ran.stderr).toEqual([1, 1])
    expect(readFileSync(join(cwd, 'docs/api/money.md'), 'utf8')).toContain('def add(a: int, b: int=0)')
  })

  it('R-AGY-3 takes each warning of typedoc for a finding, although it exits 0', () => {
    const cwd = folderWith({ 'package.json': '{}', 'typedoc.json': '{}' })
    const ran = run(script('api-docs'), [], { cwd, path: pathOf([], { typedoc: recorded('typedoc-0.28.20', 0) }) })
    expect([ran.status, ran.summary.tool, ran.summary.findings], ran.stdout).toEqual([1, 'typedoc', 2])
  })

  it.runIf(isInstalled('python3'))(
    'R-AGY-3 names packages to pdoc, nothing that has effects, and looks for docstrings itself',
    () => {
      const cwd = folderWith({
        'pyproject.toml': '',
        'setup.py': '',
        'money.py': 'def add(): pass\n',
        'src/pkg/__init__.py': '',
        'src/pkg/inner/__init__.py': '',
        'src/pkg/part.py': '',
        'tests/test_money.py': '',
      })
      const ran = run(script('api-docs'), [], { cwd, path: pathOf(['python3'], { pdoc: {} }) })
      expect(ran.stdout).toContain('== python: pdoc --output-directory docs/api ./money.py ./src/pkg\n')
      expect(ran.stdout).toContain('money.py:1: add has no docstring')
      expect([ran.status, ran.summary.findings, existsSync(join(cwd, 'docs'))]).toEqual([1, 1, false])
    },
  )

  it('R-AGY-3 says what is missing, and for which language there is nothing', () => {
    const bare = run(script('api-docs'), [], { cwd: folderWith({ 'pyproject.toml': '' }), path: pathOf() })
    expect([bare.status, bare.summary.notChecked]).toEqual([3, ['python']])
    const go = run(script('api-docs'), [], { cwd: folderWith({ 'go.mod': '' }), path: pathOf() })
    expect([go.status, go.summary.notChecked]).toEqual([3, ['go: there is no generator for it here']])
  })
})

it('R-AGY-3 openapi: counts what redocly and spectral say, and brings the rules where the project has none', () => {
  const cwd = folderWith({ 'openapi.yaml': '' })
  const openapi = (stubs: Record<string, Stub>) => run(script('openapi'), [], { cwd, path: pathOf([], stubs) })
  const redocly = openapi({ redocly: recorded('redocly-2.77.0', 1) })
  expect([redocly.status, redocly.summary.findings]).toEqual([1, 6])
  const spectral = openapi({ spectral: recorded('spectral-6.16.3', 1) })
  expect(spectral.stdout).toMatch(/== openapi.yaml: .* lint --ruleset \S+spectral.yaml openapi.yaml/)
  expect([spectral.status, spectral.summary.findings]).toEqual([1, 3])
  const broken = openapi({ spectral: recorded('spectral-6.16.3-no-ruleset', 2) })
  expect([broken.status, broken.summary.notChecked]).toEqual([3, ['openapi.yaml: spectral could not run']])
})

it('R-AGY-3 openapi: what somebody with nothing else would miss', () => {
  const description = {
    openapi: '3.1.0',
    info: { title: 'People' },
    paths: {
      '/people/{id}': {
        get: { operationId: 'find', responses: { 200: {} } },
        delete: {
          operationId: 'find',
          summary: 'Removes',
          parameters: [{ name: 'id' }],
          responses: { 204: {}, 404: {} },
        },
      },
    },
  }
  const cwd = folderWith({ 'api/openapi.json': JSON.stringify(description) })
  const ran = run(script('openapi'), [], { cwd })
  for (const said of [
    'info needs title and version',
    'GET /people/{id} says not what it does',
    'GET /people/{id} says not how it fails',
    'GET /people/{id} does not describe {id}',
    'DELETE /people/{id} has the operationId of GET /people/{id}',
  ])
    expect(ran.stdout).toContain(said)
  expect([ran.status, ran.summary.findings]).toEqual([1, 5])
  const yaml = run(script('openapi'), [], { cwd: folderWith({ 'openapi.yaml': '' }), path: pathOf() })
  expect([yaml.status, yaml.summary.notChecked]).toEqual([3, ['openapi.yaml']])
  expect(run(script('openapi'), [], { cwd: folderWith({}) }).status).toBe(3)
})

describe('run-tutorial', () => {
  it('R-AGY-3 runs the blocks of a tutorial in a copy, and names the one that fails', () => {
    const cwd = folderWith({
      'first.md':
        '# First\n\n```sh\nmkdir made && cd made\nNAME=x\n```\n\n```js\nnot run\n```\n\n```sh\n$ touch "$NAME"\n$ test -f ../made/x\n```\n',
      'bad.md': '# Bad\n\n```sh\ntrue\n```\n\ntext\n\n```sh\nfalse\ntouch reached\n```\n',
      'partly.md': '# Partly\n\n<!-- not run: needs an account -->\n```sh\nexit 1\n```\n\n```sh\ntrue\n```\n',
    })
    const good = run(script('run-tutorial'), ['first.md'], { cwd })
    expect([good.status, good.summary.blocks], good.stdout + good.stderr).toEqual([0, 2])
    expect(existsSync(join(cwd, 'made'))).toBe(false)
    const bad = run(script('run-tutorial'), ['bad.md'], { cwd })
    expect([bad.status, bad.stdout]).toEqual([
      1,
      expect.stringContaining('bad.md:10: the block that begins here fails'),
    ])
    const partly = run(script('run-tutorial'), ['partly.md'], { cwd })
    expect([partly.status, partly.summary.notChecked]).toEqual([3, ['1 blocks that are marked as not run']])
    expect(run(script('run-tutorial'), ['none.md'], { cwd }).status).toBe(2)
  })
})

it('R-AGY-3 sources: points without one, sources without use, date or file, and quotations that nobody said', () => {
  const sources = join(triad, 'scripts', 'sources')
  const note = `# Pricing

## Findings

- Prices rose by a tenth. [1]
- Customers are happy.
> "cheaper than last year" [1]
> "ten percent more" [1]
- Nobody knows why. [4]

## Sources

[1] data/prices.csv, the price list, 2026-11-20
[2] data/gone.csv, seen 2026-11-20
[3] https://example.org/prices, press release
`
  const cwd = folderWith({ 'notes/pricing.md': note, 'data/prices.csv': 'year,text\n2026,ten percent more\n' })
  const ran = run(sources, [], { cwd })
  for (const said of [
    'notes/pricing.md:6: a point without a source: Customers are happy.',
    'notes/pricing.md:9: [4] is not among the sources',
    'notes/pricing.md:14: source [2] is never used',
    'notes/pricing.md:15: source [3] has no date',
    'notes/pricing.md:14: there is no file data/gone.csv',
    'notes/pricing.md:7: none of its sources says: cheaper than last year',
  ])
    expect(ran.stdout).toContain(said)
  expect([ran.status, ran.summary.findings, ran.summary.points]).toEqual([1, 7, 3])
  expect(ran.summary.notChecked).toEqual(['1 web sources: open them, and note the date'])
  const good = '# A\n\n## Findings\n\n- So it is. [1]\n\n## Sources\n\n[1] a.txt, a file, 2026-11-20\n'
  const clean = run(sources, [], { cwd: folderWith({ 'notes/a.md': good, 'a.txt': '' }) })
  expect([clean.status, clean.summary.points], clean.stdout).toEqual([0, 1])
  expect(run(sources, [], { cwd: folderWith({}) }).status).toBe(3)
})
